import { delimiter } from 'node:path';
import type { StepContext } from '../lib/step.js';
import type { ServiceUnit } from './types.js';

/** The unit of this installation under this name. */
export function unitOf({ root, home, env }: StepContext, name: string): ServiceUnit {
  // npx puts folders of the moment in front; the same call in another way must give the same unit.
  const path = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !/[\\/](node_modules|_npx)([\\/]|$)/.test(folder));
  return { name, root, home, node: process.execPath, path: [...new Set(path)].join(delimiter) };
}
