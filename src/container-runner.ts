import type { ExitReport } from './engine/types.js';

export interface ContainerRunner {
  /** Makes sure that somebody works on the session: rings its bell, or starts (or queues) its container. */
  wake(sessionId: string): void;
  /** True while a container of the session is starting, running or stopping. */
  isUp(sessionId: string): boolean;
  /** The incarnation that runs now, or null. */
  incarnation(sessionId: string): number | null;
  /** Ends the container and resolves when it is gone. The next `wake` starts a new incarnation. */
  stop(sessionId: string, reason: string, graceMs?: number): Promise<ExitReport | null>;
  /** Runs a recover container over a hot journal; calls that come meanwhile share it. */
  recover(sessionId: string): Promise<void>;
  /** The runner rang: there may be something to read. One listener each. */
  onRing(listener: (sessionId: string) => void): void;
  /** A container has gone, after its post-mortem; `workOpen` is judged by the listener. */
  onExit(listener: (sessionId: string, report: ExitReport, incarnation: number) => Promise<void>): void;
  /** Why a session that has work does not run (no engine, no credential, queue, back-off), for status and the chat. */
  onBlocked(
    listener: (sessionId: string, problem: { code: string; message: string; fix: string }) => void,
  ): void;
  /** At start: adopts what still runs, settles what has ended. */
  boot(): Promise<void>;
  /** Waiting and running sessions, for `status`. */
  snapshot(): { running: string[]; queued: string[]; capacity: number };
  /** Detaches; containers that outlive the host go on. */
  close(): Promise<void>;
}
