import { statfs } from 'node:fs/promises';
import { shownFolder } from '../agent-folders/index.js';
import type { AgentGroup, Session } from '../db/types.js';
import { measureTree } from '../files/disk-use.js';
import { SessionError, type SessionManager } from '../session-manager.js';

const MIB = 1024 ** 2;
const DEFAULT_LIMIT_BYTES = 5 * 1024 * MIB;
/** Below this the host could soon not write its own databases: no agent runs then. */
const RESERVE_BYTES = 256 * MIB;

export interface SessionDisk {
  /**
   * Bytes that the session's own folder or its agent group's folder occupies, the larger one. Throws a SessionError
   * `disk-limit` where one of them is over the limit of its agent group (`diskBytes`, default 5 GiB).
   */
  use(session: Session, agentGroup: AgentGroup): Promise<number>;
  /** Is the disk itself nearly full? */
  isLow(): Promise<boolean>;
  /** For the start of a container: throws a SessionError `disk-limit` or `disk-full`. */
  check(session: Session, agentGroup: AgentGroup): Promise<void>;
}

export function createSessionDisk(deps: {
  sessions: Pick<SessionManager, 'paths'>;
  /** The folder of all sessions: it tells which disk. */
  sessionsDir: string;
  measure?: typeof measureTree;
  freeBytes?: (path: string) => Promise<number>;
}): SessionDisk {
  const { measure = measureTree, freeBytes = freeBytesAt } = deps;
  const isLow = async () => (await freeBytes(deps.sessionsDir)) < RESERVE_BYTES;
  const use: SessionDisk['use'] = async (session, agentGroup) => {
    const limit = agentGroup.containerConfig.diskBytes ?? DEFAULT_LIMIT_BYTES;
    const { root, group } = deps.sessions.paths(session);
    let largest = 0;
    for (const [folder, shown] of [
      [root, `data/v2-sessions/${session.agentGroupId}/${session.id}`],
      [group, shownFolder(agentGroup)],
    ] as const) {
      const found = await measure(folder);
      if (found.uncounted || found.bytes > limit) throw overLimit(shown, limit);
      largest = Math.max(largest, found.bytes);
    }
    return largest;
  };
  return {
    use,
    isLow,
    async check(session, agentGroup) {
      if (await isLow()) {
        throw new SessionError('disk-full', 'The disk is nearly full.', 'Free some space; I then go on.');
      }
      await use(session, agentGroup);
    },
  };
}

function overLimit(folder: string, limit: number): SessionError {
  return new SessionError(
    'disk-limit',
    `My files take more than the ${Math.round(limit / MIB)} MiB that I may use, so I was stopped.`,
    `Whoever runs me can delete what is not needed below ${folder}; I then go on.`,
  );
}

async function freeBytesAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
