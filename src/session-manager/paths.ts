import { join } from 'node:path';
import type { SessionPaths } from './types.js';

/** Where everything of a session lies; nothing is touched. */
export function sessionPaths(
  folders: { sessions: string; groups: string },
  session: { id: string; agentGroupId: string },
  folder: string,
): SessionPaths {
  const root = join(folders.sessions, session.agentGroupId, session.id);
  return {
    ...pathsBelow(root),
    group: join(folders.groups, folder),
    global: join(folders.groups, 'global'),
  };
}

/** The part that lies in the session's own folder. */
export function pathsBelow(root: string): Omit<SessionPaths, 'group' | 'global'> {
  return {
    root,
    in: join(root, 'in'),
    inboundDb: join(root, 'in', 'inbound.db'),
    filesIn: join(root, 'in', 'files'),
    outboundDb: join(root, 'db', 'outbound.db'),
    outboundJournal: join(root, 'db', 'outbound.db-journal'),
    out: join(root, 'out'),
    heartbeat: join(root, 'out', '.heartbeat'),
    filesOut: join(root, 'out', 'files'),
    home: join(root, 'home'),
  };
}
