import type { ContainerSpec, ExitReport } from '../types.js';

/** The program's side of a fake container: what the code inside one sees and can do. */
export interface FakeContainer {
  readonly spec: ContainerSpec;
  readonly running: boolean;
  /** How often the host rang so far. */
  readonly rings: number;
  /** Called for each ring of the host. */
  onRing(listener: () => void): void;
  /** Called when it is asked to end; without a listener it ends with exit code 0. */
  onStop(listener: () => void): void;
  /** Rings the host's bell. */
  ring(): void;
  /** A line on its standard error. */
  log(line: string): void;
  /** Ends it; the default is exit code 0 and the last 50 lines logged. */
  exit(report?: Partial<ExitReport>): void;
}

/** What a fake container does from its start on. */
export type FakeProgram = (container: FakeContainer) => void;

/** A container as the machine keeps it: it outlives the hosts that look at it. */
export interface FakeSlot extends FakeContainer {
  /** Null while it runs; then its post-mortem, until a host has taken it in. */
  readonly report: ExitReport | null;
  attach(host: { rang(): void; ended(report: ExitReport): void }): void;
  detach(): void;
  hear(): void;
  askToStop(): void;
}

export interface FakeMachine {
  readonly slots: Map<string, FakeSlot>;
}

/** Several fake engines over one machine are several starts of the host. */
export function createFakeMachine(): FakeMachine {
  return { slots: new Map() };
}

export function createFakeSlot(spec: ContainerSpec): FakeSlot {
  const lines: string[] = [];
  let report: ExitReport | null = null;
  let rings = 0;
  let host: { rang(): void; ended(report: ExitReport): void } | null = null;
  let onRing = () => {};
  let onStop: (() => void) | null = null;
  const exit = (given: Partial<ExitReport> = {}) => {
    if (report !== null) return;
    report = { exitCode: 0, signal: null, outOfMemory: false, logTail: lines.slice(-50), ...given };
    host?.ended(report);
  };
  return {
    spec,
    get running() {
      return report === null;
    },
    get rings() {
      return rings;
    },
    get report() {
      return report;
    },
    attach(next) {
      host = next;
    },
    detach() {
      host = null;
    },
    hear() {
      if (report !== null) return;
      rings += 1;
      onRing();
    },
    askToStop() {
      if (report !== null) return;
      if (onStop) onStop();
      else exit();
    },
    onRing(listener) {
      onRing = listener;
    },
    onStop(listener) {
      onStop = listener;
    },
    ring() {
      if (report === null) host?.rang();
    },
    log(line) {
      lines.push(line);
    },
    exit,
  };
}
