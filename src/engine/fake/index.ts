import { createKeyedQueue } from '../../async/keyed-queue.js';
import type { Clock } from '../../clock.js';
import { createDeferred } from '../shared/deferred.js';
import { DOOR } from '../shared/door.js';
import { createRingListener } from '../shared/listener.js';
import type { ContainerEngine, ContainerHandle, ContainerSpec, EngineError, ExitReport } from '../types.js';
import type { FakeContainer, FakeSlot } from './machine.js';
import { createFakeMachine, createFakeSlot, type FakeMachine, type FakeProgram } from './machine.js';

export { createFakeMachine, type FakeContainer, type FakeMachine, type FakeProgram } from './machine.js';

/** An engine in memory that keeps the same law as the real ones (it runs the same conformance suite). */
export interface FakeEngine extends ContainerEngine {
  readonly kind: 'fake';
  /** Every container that was really started, in order. */
  readonly starts: readonly ContainerSpec[];
  /** What runs under the name, from the program's side. */
  container(name: string): FakeContainer | undefined;
  /** From now on every call fails with the error, as with an engine that is down; null: it works again. */
  breakDown(error: EngineError | null): void;
  /** Lets starts wait in the middle until the returned function is called. */
  holdStarts(): () => void;
}

const KILLED: Partial<ExitReport> = { exitCode: null, signal: 'SIGKILL' };

/**
 * `program` is what each container does (default: nothing, until it is asked to end). Give the same `machine` to a
 * second engine to play a host that was started again while its containers ran on.
 */
export function createFakeEngine(deps: {
  clock: Clock;
  program?: FakeProgram;
  machine?: FakeMachine;
}): FakeEngine {
  const { slots } = deps.machine ?? createFakeMachine();
  const handles = new Map<string, ContainerHandle>();
  const starts: ContainerSpec[] = [];
  const oneByOne = createKeyedQueue().run;
  let broken: EngineError | null = null;
  let held: Promise<void> = Promise.resolve();

  const works = async () => {
    await held;
    if (broken) throw broken;
  };
  const hold = (slot: FakeSlot): ContainerHandle => {
    const { name } = slot.spec;
    const handle = createFakeHandle(slot, deps.clock, () => {
      slots.delete(name);
      handles.delete(name);
    });
    if (slot.running) handles.set(name, handle);
    return handle;
  };
  const adopt = (name: string): ContainerHandle | null => {
    const slot = slots.get(name);
    return handles.get(name) ?? (slot ? hold(slot) : null);
  };

  return {
    kind: 'fake',
    starts,
    container: (name) => slots.get(name),
    check: works,
    start: (spec) =>
      oneByOne(spec.name, async () => {
        await works();
        const running = slots.get(spec.name)?.running ? adopt(spec.name) : null;
        if (running) return running;
        const slot = createFakeSlot(spec);
        slots.set(spec.name, slot);
        starts.push(spec);
        const handle = hold(slot);
        deps.program?.(slot);
        return handle;
      }),
    async list() {
      await works();
      return [...slots.values()]
        .filter((slot) => slot.running)
        .map(({ spec: { name, sessionId, incarnation, mode } }) => ({ name, sessionId, incarnation, mode }));
    },
    adopt: (name) => oneByOne(name, async () => works().then(() => adopt(name))),
    ensureGone: (name) =>
      oneByOne(name, async () => {
        await works();
        slots.get(name)?.exit(KILLED);
        slots.delete(name);
      }),
    async close() {
      for (const name of handles.keys()) slots.get(name)?.detach();
      handles.clear();
    },
    breakDown(error) {
      broken = error;
    },
    holdStarts() {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
  };
}

function createFakeHandle(slot: FakeSlot, clock: Clock, forget: () => void): ContainerHandle {
  const { name, sessionId, incarnation, mode } = slot.spec;
  const door = slot.spec.mounts.find(({ target }) => target === DOOR)?.source;
  const bell = createRingListener();
  const exited = createDeferred<ExitReport>();
  const ended = (report: ExitReport) => {
    forget();
    exited.resolve(report);
  };
  slot.attach({ rang: () => bell.ring(), ended });
  if (slot.report) ended(slot.report);
  return {
    name,
    sessionId,
    incarnation,
    mode,
    ...(door !== undefined && { door }),
    exited: exited.promise,
    ring: () => slot.hear(),
    onRing: (listener) => bell.set(listener),
    async stop(graceMs) {
      if (graceMs > 0) slot.askToStop();
      else slot.exit(KILLED);
      const kill = clock.after(graceMs, () => slot.exit(KILLED));
      return exited.promise.finally(() => kill.cancel());
    },
  };
}
