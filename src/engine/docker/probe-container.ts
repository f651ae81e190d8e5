import type Docker from 'dockerode';
import type { Clock } from '../../clock.js';
import { newId } from '../../ids.js';
import type { Mount } from '../types.js';
import { createOptions } from './create-options.js';
import { frameContents } from './frames.js';
import { removeContainer } from './post-mortem.js';
import type { ContainerIdentity } from './user.js';

export interface ThrowawayRequest {
  docker: Docker;
  identity: ContainerIdentity;
  image: string;
  /** The body of an ES module for Node; what it prints comes back. */
  script: string;
  mounts?: Mount[];
  clock: Clock;
  timeoutMs: number;
}

export interface ThrowawayResult {
  /** Null: the deadline ended it. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

const LIMITS = { memoryBytes: 512 * 1024 ** 2, cpus: 1, pids: 128, fileSizeBytes: 16 * 1024 ** 2 };

/**
 * Runs a script in a container as hardened as an agent's, and removes it. Its label is no installation's, so that no
 * host takes it for a session's container.
 */
export async function runThrowaway(request: ThrowawayRequest): Promise<ThrowawayResult> {
  const { docker, identity, clock } = request;
  const id = newId('drop');
  const spec = {
    name: `wharfie-check-${id}`,
    sessionId: id,
    incarnation: 0,
    image: request.image,
    mode: 'run' as const,
    env: {},
    mounts: request.mounts ?? [],
    limits: LIMITS,
    user: null,
  };
  const container = await docker.createContainer({
    ...createOptions(spec, { installationId: 'check', user: identity.user }),
    Entrypoint: ['node', '--input-type=module', '-e', request.script],
    OpenStdin: false,
    AttachStdin: false,
    WorkingDir: '/tmp',
  });
  try {
    await container.start();
    const exitCode = await endOf(container, clock, request.timeoutMs);
    const [stdout, stderr] = [await written(container, 'stdout'), await written(container, 'stderr')];
    return { exitCode, stdout, stderr };
  } finally {
    await removeContainer(container, { force: true });
  }
}

async function endOf(container: Docker.Container, clock: Clock, timeoutMs: number): Promise<number | null> {
  let late = false;
  const deadline = clock.after(timeoutMs, () => {
    late = true;
    container.kill().catch(() => {});
  });
  try {
    const { StatusCode } = await container.wait();
    return late ? null : StatusCode;
  } finally {
    deadline.cancel();
  }
}

async function written(container: Docker.Container, stream: 'stdout' | 'stderr'): Promise<string> {
  const logs = await container.logs({
    stdout: stream === 'stdout',
    stderr: stream === 'stderr',
    tail: 50,
    follow: false,
  });
  return frameContents(logs).toString('utf8').trim();
}
