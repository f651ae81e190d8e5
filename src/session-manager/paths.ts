import { join } from 'node:path';
import { agentFolder, type FolderRoots } from '../agent-folders/index.js';
import type { AgentGroup } from '../db/types.js';
import type { SessionPaths } from './types.js';

/** Where everything of a session lies; nothing is touched. */
export function sessionPaths(
  folders: FolderRoots & { sessions: string },
  session: { id: string; agentGroupId: string },
  agentGroup: Pick<AgentGroup, 'folder' | 'place'>,
): SessionPaths {
  return {
    ...pathsBelow(sessionRoot(folders, session)),
    group: agentFolder(folders, agentGroup),
    global: join(folders.groups, 'global'),
  };
}

/** The session's own folder. */
export function sessionRoot(
  folders: { sessions: string },
  session: { id: string; agentGroupId: string },
): string {
  return join(folders.sessions, session.agentGroupId, session.id);
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
