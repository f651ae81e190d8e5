import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import type { Config } from '../../src/config.js';
import { modelAddress } from '../../src/credentials/model-env.js';
import type { EnvValues } from '../../src/env-file.js';
import { codeOf } from '../../src/errors.js';
import type { DockerState } from '../lib/docker-state.js';
import type { StepContext } from '../lib/step.js';
import type { MachineFacts } from './machine.js';

const ASK_MS = 10_000;

export async function gatherMachine(
  context: StepContext,
  {
    config: { paths },
    env,
    docker,
    needsDocker,
    offline,
  }: {
    config: Config;
    env: { read(): EnvValues };
    docker: DockerState;
    needsDocker: boolean;
    offline: boolean;
  },
): Promise<MachineFacts> {
  return {
    node: process.versions.node,
    ...diskFacts(existsSync(paths.data) ? paths.data : paths.home),
    docker: docker.docker === null ? docker.problem : null,
    needsDocker,
    clockSkewMs: offline ? null : await clockSkew(context, env.read()),
  };
}

/** How much this user may still write there, and whether at all. */
export function diskFacts(folder: string): Pick<MachineFacts, 'freeBytes' | 'dataWritable' | 'readOnly'> {
  const { bavail, bsize } = statfsSync(folder);
  const refusal = whyNotWritable(folder);
  return { freeBytes: bavail * bsize, dataWritable: refusal === null, readOnly: refusal === 'EROFS' };
}

/** Null: this user may write there. */
function whyNotWritable(folder: string): string | null {
  try {
    accessSync(folder, constants.W_OK);
    return null;
  } catch (error) {
    return codeOf(error) || 'unknown';
  }
}

/** How far our clock is from that of the model API's server; null where it does not say. */
async function clockSkew(context: StepContext, file: EnvValues): Promise<number | null> {
  const { clock } = context;
  const abort = new AbortController();
  const deadline = clock.after(ASK_MS, () => abort.abort());
  try {
    const baseUrl = modelAddress(file, context.env, '');
    if (baseUrl instanceof Error) return null;
    const answer = await fetch(baseUrl, { method: 'HEAD', redirect: 'manual', signal: abort.signal });
    const told = Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(told) ? null : clock.now() - told;
  } catch {
    // Whether the API can be reached at all is another check's matter.
    return null;
  } finally {
    deadline.cancel();
  }
}
