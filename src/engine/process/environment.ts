import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type ContainerSpec, EngineError } from '../types.js';

/** Where the container's user has its home (docs/contracts.md#session-folder). */
const HOME = '/home/node';

/**
 * All that the process gets of the host's environment is PATH. The runner finds `/workspace/…` through
 * WHARFIE_MOUNTS, a JSON object from the path inside to the path on the host.
 */
export function processEnvironment(spec: ContainerSpec): Record<string, string> {
  const mounts = Object.fromEntries(spec.mounts.map(({ target, source }) => [target, source]));
  return {
    PATH: process.env.PATH ?? '',
    HOME: mounts[HOME] ?? tmpdir(),
    WHARFIE_MOUNTS: JSON.stringify(mounts),
    ...spec.env,
  };
}

/** A bind mount of a container fails when its source is missing; so does this. */
export async function requireMounts(spec: ContainerSpec): Promise<void> {
  for (const { source } of spec.mounts) {
    await access(source).catch((cause: unknown) => {
      throw new EngineError(
        'start-failed',
        `The folder ${source} is missing or not readable.`,
        'Restore it.',
        {
          cause,
        },
      );
    });
  }
}
