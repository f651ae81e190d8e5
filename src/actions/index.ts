import { cancelTask, createResumeTask, pauseTask } from './pause-task.js';
import { createScheduleTask } from './schedule-task.js';
import type { TaskActionDeps } from './task-request.js';
import type { ActionRegistry, SystemAction } from './types.js';
import { createUpdateTask } from './update-task.js';

/** Every action that this version knows; a new one is a file here and a line in this list. */
export function createActions(deps: TaskActionDeps): readonly SystemAction[] {
  return [createScheduleTask(deps), createUpdateTask(deps), cancelTask, pauseTask, createResumeTask(deps)];
}

export function createActionRegistry(all: readonly SystemAction[]): ActionRegistry {
  const byName = new Map<string, SystemAction>();
  for (const action of all) {
    if (byName.has(action.name)) throw new Error(`two actions are called ${action.name}`);
    byName.set(action.name, action);
  }
  return { get: (name) => byName.get(name) };
}
