import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildImage } from '../../../container/build.js';
import { codeRoot } from '../../../src/config.js';
import { connectDocker, dockerSocket } from '../../../src/engine/docker/connection.js';
import { INSTALLATION } from '../../../src/engine/docker/labels.js';
import { reasonOf } from '../../../src/errors.js';
import { NotHere } from './figure.js';

const run = promisify(execFile);
const BASE_IMAGE = 'wharfie-test-base:24';
export const BENCH_IMAGE = 'wharfie-agent:bench';

export interface BenchDocker {
  socket: string;
  calls: ReturnType<typeof connectDocker>['calls'];
  /** For docs/performance.md. */
  about: string;
}

let ready: Promise<BenchDocker> | null = null;

/** An engine that answers, started where need be, with the agent image of this checkout. Throws `NotHere`. */
export function prepareDocker(): Promise<BenchDocker> {
  ready ??= prepare().catch((error: unknown) => {
    throw new NotHere(`no Docker engine with the agent image: ${reasonOf(error).split('\n')[0]}`);
  });
  return ready;
}

async function prepare(): Promise<BenchDocker> {
  const script = (name: string) => path.join(codeRoot, 'test', 'docker', name);
  const host = (await run(script('start-docker.sh'))).stdout.trim();
  await run(script('make-base-image.sh'), [host, BASE_IMAGE]);
  const socket = dockerSocket({ DOCKER_HOST: host });
  const { calls, streams } = connectDocker(socket);
  await buildImage({
    docker: streams,
    root: codeRoot,
    image: BENCH_IMAGE,
    baseImage: BASE_IMAGE,
    env: process.env,
  });
  const { Version } = await calls.version();
  return { socket, calls, about: `Docker engine ${Version}, hardened containers` };
}

/** Removes every container of an installation. */
export async function removeContainers({ calls }: BenchDocker, installationId: string): Promise<void> {
  const filters = { label: [`${INSTALLATION}=${installationId}`] };
  for (const { Id } of await calls.listContainers({ all: true, filters })) {
    await calls.getContainer(Id).remove({ force: true });
  }
}
