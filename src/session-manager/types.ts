import type { Address } from '../address.js';
import type { InboundDb } from '../db/inbound/index.js';
import type { AgentGroup, MessagingGroup, Session, SessionMode } from '../db/types.js';
import { WharfieError } from '../errors.js';

/** Absolute host paths of a session's folder (docs/contracts.md#session-folder). */
export interface SessionPaths {
  root: string;
  in: string;
  inboundDb: string;
  filesIn: string;
  outboundDb: string;
  outboundJournal: string;
  out: string;
  heartbeat: string;
  filesOut: string;
  home: string;
  /** data/groups/<folder>, the agent group's own files. */
  group: string;
  /** groups/global. */
  global: string;
}

/**
 * Codes: `session-corrupt` (its files cannot be used), `session-locked` (not writable even after a kill), `disk-full`,
 * `session-unwritable`, `session-unknown`, `session-closed` (the host is going down).
 */
export class SessionError extends WharfieError {}

export interface SessionManager {
  /** The session for this wiring's mode, created with its folder and both databases where it does not exist. */
  resolve(input: {
    agentGroup: AgentGroup;
    messagingGroup: MessagingGroup;
    threadId: string;
    mode: SessionMode;
  }): Session;
  /** The session of `resolve`, where there is one; none is made. */
  find(input: Parameters<SessionManager['resolve']>[0]): Session | undefined;
  get(sessionId: string): Session | undefined;
  paths(session: Session): SessionPaths;
  /**
   * Runs `change` in a transaction on the session's inbound.db and resolves after the commit. Calls that arrive
   * together share one transaction, each in its own savepoint; each change runs once and touches nothing but `db`.
   * BUSY is retried from a timer; after 3 s `onStuck` is called once (the container runner kills the lock's holder) and
   * the write goes on, for 30 s at most. `sessions.next_due_at` comes down before the file is written, to `dueAt` or to
   * what the change makes due, and is computed again after the commit.
   */
  write<T>(sessionId: string, change: (db: InboundDb) => T, options?: { dueAt?: number }): Promise<T>;
  /**
   * Reads the session's inbound.db. Synchronous: the host is its only writer. While a commit waits for a lock it sees
   * what is about to be committed.
   */
  read<T>(sessionId: string, query: (db: InboundDb) => T): T;
  /** Next even `seq`; inside `write` only. */
  nextSeq(db: InboundDb): number;
  /** Writes `session_routing` and `destinations` (every chat that the agent group is wired to) if they differ. */
  refreshRouting(sessionId: string, route: Address): Promise<void>;
  /** Makes every mount point, owned as docs/contracts.md#session-folder says (`owner` null: as the host). Idempotent. */
  prepareMounts(session: Session, owner: { uid: number; gid: number } | null): void;
  /** Closes handles of sessions whose container is gone. */
  release(sessionId: string): void;
  close(): Promise<void>;
}
