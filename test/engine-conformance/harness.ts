import type { ContainerEngine, ContainerHandle, ContainerSpec } from '../../src/engine/types.js';

export type ProgramName =
  | 'echo'
  | 'stubborn'
  | 'fail'
  | 'die'
  | 'report'
  | 'flood'
  | 'leave'
  | 'cling'
  | 'run';

/** What one engine gives to the suite. Each test has a world of its own: its engines share containers, no other's do. */
export interface EngineWorld {
  /** A host: the first start, or one more after `close` of the one before. */
  engine(): ContainerEngine;
  /** Changes of the spec that this engine needs (image, mounts). */
  spec(spec: ContainerSpec): ContainerSpec;
  /** A spec that cannot be started, and the code of the error it gives; null where every spec can. */
  unstartable: { change(spec: ContainerSpec): ContainerSpec; code: string } | null;
  /** Kills a container and leaves its remains; only where containers outlive the host. */
  kill?(name: string): Promise<void>;
  /** Ends whatever the test left. */
  dispose(): Promise<void>;
}

export interface EngineFacts {
  /** Containers go on without their host and are found again. */
  outlivesHost: boolean;
  create(): Promise<EngineWorld>;
}

let names = 0;

export function specFor(
  world: Pick<EngineWorld, 'spec'>,
  program: ProgramName,
  changes: Partial<ContainerSpec> = {},
) {
  names += 1;
  const sessionId = changes.sessionId ?? `ses_conformance${process.pid}x${names}`;
  return world.spec({
    name: `wharfie-test-${sessionId}`,
    sessionId,
    incarnation: 1,
    image: '',
    mode: 'run',
    mounts: [],
    limits: { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 64, fileSizeBytes: 16 * 1024 ** 2 },
    user: null,
    ...changes,
    env: { PROGRAM: program, ...changes.env },
  });
}

/** Counts the rings of a handle, and lets a test wait for the next one. */
export function listenTo(handle: ContainerHandle) {
  let heard = 0;
  let waiting: (() => void)[] = [];
  handle.onRing(() => {
    heard += 1;
    const told = waiting;
    waiting = [];
    for (const go of told) go();
  });
  return {
    count: () => heard,
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  };
}

/** Starts an `echo` and resolves when it has rung for the first time. */
export async function startEcho(engine: ContainerEngine, spec: ContainerSpec) {
  const handle = await engine.start(spec);
  const bell = listenTo(handle);
  await bell.next();
  return { handle, bell };
}
