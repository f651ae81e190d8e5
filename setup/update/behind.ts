import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Config } from '../../src/config.js';
import { migrations } from '../../src/db/central/migrations/index.js';
import { checkImage } from '../../src/engine/docker/check.js';
import { orGone } from '../../src/engine/docker/errors.js';
import { runnerHash } from '../../src/engine/docker/index.js';
import { EngineError } from '../../src/engine/types.js';
import { migrationsOf } from '../backup/create.js';
import { dockerState } from '../lib/docker-state.js';
import type { StepContext } from '../lib/step.js';
import { differingPackages } from '../verify/packages.js';

/** What of the installation is older than its own code, as after a `git pull` by hand. */
export async function whatIsBehind(context: StepContext, config: Config): Promise<string[]> {
  const found: [boolean, string][] = [
    [differingPackages(context.root).length > 0, 'packages'],
    [hasPendingMigrations(config.paths.centralDb), 'database'],
    [await isImageStale(context, config), 'image'],
  ];
  return found.flatMap(([behind, what]) => (behind ? [what] : []));
}

/** Looks without opening it as ours, which would migrate it. */
function hasPendingMigrations(file: string): boolean {
  if (!existsSync(file)) return false;
  const db = new Database(file, { timeout: 5000 });
  try {
    const applied = new Set(migrationsOf(db));
    return migrations.some((migration) => !applied.has(migration.name));
  } finally {
    db.close();
  }
}

async function isImageStale({ env, root }: StepContext, config: Config): Promise<boolean> {
  const { docker } = await dockerState(env, config.dockerSocket);
  if (docker === null || !(await orGone(docker.calls.getImage(config.image).inspect()))) return false;
  try {
    await checkImage(docker.calls, config.image, await runnerHash(root));
    return false;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'image-stale') return true;
    throw error;
  }
}
