import { existsSync } from 'node:fs';
import type { Clock } from './clock.js';
import { getAgentGroup } from './db/agent-groups.js';
import type { CentralDb } from './db/central.js';
import { wiredChats } from './db/destinations.js';
import type { InboundDb } from './db/inbound.js';
import { nextSeq } from './db/messages-in.js';
import { ensureSession, getSession } from './db/sessions.js';
import type { Session } from './db/types.js';
import type { Log } from './log.js';
import { createSessionFiles, makePassable } from './session-manager/create-files.js';
import { createDueHint } from './session-manager/due-hint.js';
import { asSessionError, unknown } from './session-manager/errors.js';
import { createInboundFile, Handles, type InboundFile } from './session-manager/handles.js';
import { prepareMounts } from './session-manager/mounts.js';
import { sessionPaths } from './session-manager/paths.js';
import { nameDestinations, routingIsCurrent, writeRouting } from './session-manager/routing.js';
import type { SessionManager, SessionPaths } from './session-manager/types.js';

export type { InboundDb } from './db/inbound.js';
export { SessionError, type SessionManager, type SessionPaths } from './session-manager/types.js';

const CLOSE_GRACE_MS = 2000;

export interface SessionManagerDeps {
  db: CentralDb;
  /** `pathsOf(home)` of config.ts has both. */
  paths: { sessions: string; groups: string };
  clock: Clock;
  log: Log;
  /** Somebody has held a lock on the session's inbound.db for 3 s: kill its container. */
  onStuck(sessionId: string): void;
  /** `sessions.next_due_at` has changed: a timer may have to fire earlier. */
  onDue?(sessionId: string, dueAt: number | null): void;
  /** Handles kept open on sessions that nobody works on. Default 128. */
  maxHandles?: number;
}

export function createSessionManager(deps: SessionManagerDeps): SessionManager {
  const { db, clock, log } = deps;
  makePassable(deps.paths.sessions);
  const due = createDueHint({ clock, db, log, onDue: deps.onDue });
  const handles = new Handles({ max: deps.maxHandles ?? 128, make: (sessionId) => makeFile(sessionId) });

  const sessionOf = (sessionId: string): Session => {
    const session = getSession(db, sessionId);
    if (!session) throw unknown(sessionId);
    return session;
  };

  const paths = (session: Session): SessionPaths => {
    const folder = getAgentGroup(db, session.agentGroupId)?.folder;
    if (folder === undefined) throw unknown(session.id);
    return sessionPaths(deps.paths, session, folder);
  };

  const makeFile = (sessionId: string): InboundFile =>
    createInboundFile(paths(sessionOf(sessionId)), {
      clock,
      beforeCommit: (inbound) => due.beforeCommit(sessionId, inbound),
      afterCommit: (inbound) => due.afterCommit(sessionId, inbound),
      onStuck() {
        log.warn({ session: sessionId }, 'inbound.db is locked for 3 s');
        deps.onStuck(sessionId);
      },
    });

  /** Runs `use` and says what SQLite found wrong with the file in words; a broken file is opened afresh next time. */
  const attempt = <T>(sessionId: string, use: (file: InboundFile) => T): T => {
    const file = handles.get(sessionId);
    try {
      return use(file);
    } catch (error) {
      const told = asSessionError(error, paths(sessionOf(sessionId)).root);
      if (told !== error && !file.writer.busy) file.discard();
      throw told;
    }
  };

  const read = <T>(sessionId: string, query: (inbound: InboundDb) => T): T =>
    attempt(sessionId, (file) => query(file.db()));

  const write: SessionManager['write'] = async (sessionId, change, options) => {
    try {
      // Before the file is opened for writing, and so in one commit with the hints of other sessions.
      if (options?.dueAt !== undefined) await due.lower(sessionId, options.dueAt);
      return await handles.get(sessionId).writer.write(change);
    } catch (error) {
      throw asSessionError(error, paths(sessionOf(sessionId)).root);
    }
  };

  return {
    resolve({ agentGroup, messagingGroup, threadId, mode }) {
      const key = {
        agentGroupId: agentGroup.id,
        messagingGroupId: mode === 'agent-shared' ? null : messagingGroup.id,
        threadId: mode === 'per-thread' ? threadId : '',
      };
      const session = ensureSession(db, key, clock.now());
      const { root } = paths(session);
      try {
        if (!existsSync(root)) createSessionFiles(root);
      } catch (error) {
        throw asSessionError(error, root);
      }
      return session;
    },
    get: (sessionId) => getSession(db, sessionId),
    paths,
    write,
    read,
    nextSeq,
    async refreshRouting(sessionId, route) {
      const destinations = nameDestinations(wiredChats(db, sessionOf(sessionId).agentGroupId));
      if (read(sessionId, (inbound) => routingIsCurrent(inbound, route, destinations))) return;
      await write(sessionId, (inbound) => writeRouting(inbound, route, destinations));
    },
    prepareMounts(session, owner) {
      const where = paths(session);
      try {
        if (!existsSync(where.root)) createSessionFiles(where.root);
        prepareMounts(where, owner);
      } catch (error) {
        throw asSessionError(error, where.root);
      }
    },
    release: (sessionId) => handles.release(sessionId),
    close: () => handles.close(clock, CLOSE_GRACE_MS),
  };
}
