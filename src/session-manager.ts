import { existsSync } from 'node:fs';
import type { FolderRoots } from './agent-folders/index.js';
import type { Clock } from './clock.js';
import { getAgentGroup } from './db/central/agent-groups.js';
import type { CentralDb } from './db/central/index.js';
import { ensureSession, findSession, getSession } from './db/central/sessions.js';
import { wiredChats } from './db/inbound/destinations.js';
import type { InboundDb } from './db/inbound/index.js';
import { nextSeq } from './db/inbound/messages-in.js';
import type { Session } from './db/types.js';
import type { Log } from './log/index.js';
import { createSessionFiles, makePassable } from './session-manager/create-files.js';
import { createDueHint } from './session-manager/due-hint.js';
import { asSessionError, unknown } from './session-manager/errors.js';
import { createInboundFile, Handles, type InboundFile } from './session-manager/handles.js';
import { prepareMounts } from './session-manager/mounts.js';
import { sessionPaths } from './session-manager/paths.js';
import { nameDestinations, routingIsCurrent, writeRouting } from './session-manager/routing.js';
import type { SessionManager, SessionPaths } from './session-manager/types.js';

export type { InboundDb } from './db/inbound/index.js';
export { SessionError, type SessionManager, type SessionPaths } from './session-manager/types.js';

const CLOSE_GRACE_MS = 2000;

const keyOf = ({ agentGroup, messagingGroup, threadId, mode }: Parameters<SessionManager['resolve']>[0]) => ({
  agentGroupId: agentGroup.id,
  messagingGroupId: mode === 'agent-shared' ? null : messagingGroup.id,
  threadId: mode === 'per-thread' ? threadId : '',
});

export interface SessionManagerDeps {
  db: CentralDb;
  /** `pathsOf(home)` of config.ts has them. */
  paths: FolderRoots & { sessions: string };
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
    const agentGroup = getAgentGroup(db, session.agentGroupId);
    if (agentGroup === undefined) throw unknown(session.id);
    return sessionPaths(deps.paths, session, agentGroup);
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
    resolve(input) {
      const session = ensureSession(db, keyOf(input), clock.now());
      const { root } = paths(session);
      try {
        if (!existsSync(root)) createSessionFiles(root);
      } catch (error) {
        throw asSessionError(error, root);
      }
      return session;
    },
    find: (input) => findSession(db, keyOf(input)),
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
