import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { type Clock, sleep } from '../../clock.js';
import { createDeferred } from '../shared/deferred.js';
import { createEar } from '../shared/ear.js';
import { createRingListener } from '../shared/listener.js';
import { createLogTail } from '../shared/log-tail.js';
import { createRinger } from '../shared/ringer.js';
import type { ContainerHandle, ContainerSpec, ExitReport } from '../types.js';
import { endGroup, killGroup } from './group.js';

/** Something that left the group may hold the pipe open; the report does not wait for it. */
const LAST_LINES_MS = 500;

export interface ProcessHandle extends ContainerHandle {
  /** False from the moment that the process has ended, while its group and last lines are still collected. */
  readonly alive: boolean;
  /** Ends its standard input: it must exit at once and commit nothing. */
  hangUp(): void;
}

/** `leader` is the child's pid and its process group. `forget` runs after the group is gone, before `exited` resolves. */
export function createProcessHandle(deps: {
  spec: ContainerSpec;
  child: ChildProcessWithoutNullStreams;
  leader: number;
  clock: Clock;
  forget: () => Promise<void>;
}): ProcessHandle {
  const { spec, child, leader, clock } = deps;
  const exited = createDeferred<ExitReport>();
  const bell = createRingListener();
  const tail = createLogTail();
  let alive = true;

  const ear = createEar({
    clock,
    onRing: () => bell.ring(),
    onMute: (muted) => (muted ? child.stdout.pause() : child.stdout.resume()),
  });
  child.stdout.on('data', (chunk: Buffer) => ear.heard(chunk.length));
  child.stderr.on('data', (chunk: Buffer) => tail.push(chunk));
  const linesClosed = once(child.stderr, 'close');
  // A pipe whose other end has gone is no news: the exit tells.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {});
  const ring = createRinger((done) => child.stdin.write('\n', () => done()));
  const kill = () => {
    if (alive) killGroup(leader);
  };

  child.once('exit', (exitCode, signal) => {
    alive = false;
    void (async () => {
      ear.close();
      await endGroup(leader, clock).catch(() => {});
      await Promise.race([linesClosed, sleep(clock, LAST_LINES_MS)]);
      await deps.forget();
      exited.resolve({ exitCode, signal, outOfMemory: false, logTail: tail.lines() });
    })();
  });

  return {
    name: spec.name,
    sessionId: spec.sessionId,
    incarnation: spec.incarnation,
    mode: spec.mode,
    exited: exited.promise,
    get alive() {
      return alive;
    },
    ring() {
      if (alive && !child.stdin.writableEnded) ring();
    },
    onRing: (listener) => bell.set(listener),
    hangUp: () => void child.stdin.end(),
    stop(graceMs) {
      if (graceMs <= 0) kill();
      else if (alive) child.kill('SIGTERM');
      const timer = clock.after(graceMs, kill);
      return exited.promise.finally(() => timer.cancel());
    },
  };
}
