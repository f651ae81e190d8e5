import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import type { Paths } from '../../src/config.js';
import { modelAddress } from '../../src/credentials/model-env.js';
import type { DockerState } from '../lib/docker-state.js';
import { configurationOf } from '../lib/installation.js';
import type { StepContext } from '../lib/step.js';
import type { MachineFacts } from './machine.js';

const ASK_MS = 10_000;

export async function gatherMachine(
  context: StepContext,
  {
    paths,
    docker,
    needsDocker,
    offline,
  }: { paths: Paths; docker: DockerState; needsDocker: boolean; offline: boolean },
): Promise<MachineFacts> {
  const { bavail, bsize } = statfsSync(existsSync(paths.data) ? paths.data : paths.home);
  return {
    node: process.versions.node,
    freeBytes: bavail * bsize,
    dataWritable: isWritable(existsSync(paths.data) ? paths.data : paths.home),
    docker: docker.docker === null ? docker.problem : null,
    needsDocker,
    clockSkewMs: offline ? null : await clockSkew(context),
  };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** How far our clock is from that of the model API's server; null where it does not say. */
async function clockSkew(context: StepContext): Promise<number | null> {
  const { clock } = context;
  const abort = new AbortController();
  const deadline = clock.after(ASK_MS, () => abort.abort());
  try {
    const file = configurationOf(context).env.read();
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
