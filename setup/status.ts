import { pathsOf } from '../src/config.js';
import { hostState } from '../src/host-state.js';
import { readStatus, type Status } from '../src/status.js';
import { withPresentDb } from './lib/installation.js';
import type { Fields, Step } from './lib/step.js';

const LONGEST_LIST = 20;

export const status: Step = {
  name: 'status',
  summary: 'what is wired, running, queued, late, dropped and dead; works while the host is down',
  flags: [],
  async run(_flags, { home, clock }) {
    const paths = pathsOf(home);
    const host = await hostState(paths.data);
    const running: Fields = {
      HOST: host.running ? 'running' : 'stopped',
      ...(host.pid && { HOST_PID: host.pid }),
    };
    return withPresentDb(paths, (db) => {
      if (!db)
        return { status: 'success', fields: { ...running, WIRED: 0, NOTE: 'nothing is set up here yet' } };
      return { status: 'success', fields: { ...running, ...fieldsOf(readStatus(db, paths, clock.now())) } };
    });
  },
};

function fieldsOf(found: Status): Fields {
  const count = (state: string) => found.troubled.filter((one) => one.state === state).length;
  const troubled = found.troubled.slice(0, LONGEST_LIST).map((one) => ({
    id: `${one.sessionId}/${one.key}`,
    state: one.state,
    chat: one.to.platformId,
    attempts: one.attempts,
    error: one.lastError,
  }));
  return {
    WIRED: found.wired.length,
    CHATS: found.wired,
    SESSIONS: found.sessions,
    RUNNING: found.running,
    QUEUED: found.queued,
    ...(found.staleClaims.length > 0 && { STALE: found.staleClaims.slice(0, LONGEST_LIST) }),
    LATE: count('late'),
    UNKNOWN: count('unknown'),
    DEAD: count('dead'),
    DROPPED: found.dropped,
    ...(found.times.length > 0 && { TIMES_MS: found.times }),
    ...(troubled.length > 0 && { TROUBLED: troubled }),
    ...(found.bad.length > 0 && { BAD_WIRINGS: found.bad }),
    ...(found.unreadable.length > 0 && { UNREADABLE: found.unreadable.slice(0, LONGEST_LIST) }),
  };
}
