import type { Timer } from '../clock.js';
import type { ContainerHandle, ExitReport } from '../engine/types.js';
import type { Gate } from './gate.js';
import type { Claim } from './places.js';

/**
 * `waiting`: for a gate or the end of a back-off · `queued`: for a place · `settling`: gone, its exit is being worked
 * off. No entry at all: nobody wants the session to run.
 */
export type Phase = 'waiting' | 'queued' | 'starting' | 'running' | 'stopping' | 'settling';

export interface Problem {
  code: string;
  message: string;
  fix: string;
}

export interface StopRequest {
  reason: string;
  graceMs: number;
}

/** One session that runs or is to run. Times are the monotonic clock's. */
export interface Entry {
  readonly sessionId: string;
  phase: Phase;
  handle: ContainerHandle | null;
  startedAt: number;
  /** Last wake or ring: how long it has been idle. */
  activeAt: number;
  /** Last ring of the runner: how long its turn has been quiet. */
  rangAt: number;
  /** Failed starts in a row. */
  startFailures: number;
  /** Unexpected ends in a row. */
  crashes: number;
  /** For a place, as it was when it was last looked at. */
  claim: Claim;
  gate: Gate | null;
  timer: Timer | null;
  stopping: StopRequest | null;
  /** Why it does not run although it has work, as `onBlocked` was last told. */
  problem: Problem | null;
  /** Settles when this container is gone (null: it never came up). Renewed with each start. */
  gone: Promise<ExitReport | null>;
  isGone: (report: ExitReport | null) => void;
}

export function createEntry(sessionId: string): Entry {
  return {
    sessionId,
    phase: 'waiting',
    handle: null,
    startedAt: 0,
    activeAt: 0,
    rangAt: 0,
    startFailures: 0,
    crashes: 0,
    claim: { role: 'member', main: false },
    gate: null,
    timer: null,
    stopping: null,
    problem: null,
    gone: Promise.resolve(null),
    isGone: () => {},
  };
}

/** Marks a start: whoever stops or recovers the session from now on waits for the end of this one. */
export function markStarting(entry: Entry): void {
  entry.phase = 'starting';
  entry.stopping = null;
  entry.gone = new Promise((resolve) => {
    entry.isGone = resolve;
  });
}

/** A process of it exists or may come into being. */
export function isUp(entry: Entry): boolean {
  return entry.phase === 'starting' || entry.phase === 'running' || entry.phase === 'stopping';
}
