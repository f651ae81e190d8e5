import type { ActionRegistry, SystemAction } from './types.js';

/** Every action that this version knows; a new one is a file here and a line in this list. */
export const actions: readonly SystemAction[] = [];

export function createActionRegistry(all: readonly SystemAction[] = actions): ActionRegistry {
  const byName = new Map<string, SystemAction>();
  for (const action of all) {
    if (byName.has(action.name)) throw new Error(`two actions are called ${action.name}`);
    byName.set(action.name, action);
  }
  return { get: (name) => byName.get(name) };
}
