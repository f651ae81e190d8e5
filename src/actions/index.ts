import { cancelTask, createResumeTask, pauseTask } from './pause-task.js';
import { createScheduleTask } from './schedule-task.js';
import type { ActionRegistry, SystemAction } from './types.js';
import { createUpdateTask } from './update-task.js';

/** Every action that this version knows; a new one is a file here and a line in this list. `timeZone`: the user's. */
export function createActions({ timeZone }: { timeZone: string }): readonly SystemAction[] {
  return [
    createScheduleTask(timeZone),
    createUpdateTask(timeZone),
    cancelTask,
    pauseTask,
    createResumeTask(timeZone),
  ];
}

export function createActionRegistry(all: readonly SystemAction[]): ActionRegistry {
  const byName = new Map<string, SystemAction>();
  for (const action of all) {
    if (byName.has(action.name)) throw new Error(`two actions are called ${action.name}`);
    byName.set(action.name, action);
  }
  return { get: (name) => byName.get(name) };
}
