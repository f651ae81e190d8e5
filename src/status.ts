import { existsSync, lstatSync } from 'node:fs';
import type { Paths } from './config.js';
import { readBacklog } from './db/backlog.js';
import type { CentralDb } from './db/central.js';
import { listDropped } from './db/dropped-messages.js';
import type { TroubledDelivery } from './db/ledger-troubles.js';
import { listMessagingGroups } from './db/messaging-groups.js';
import { listSessions } from './db/sessions.js';
import { readStageTimes } from './db/stage-times.js';
import { listWiredAgents } from './db/wirings.js';
import { codeOf } from './errors.js';
import { sessionPaths } from './session-manager/paths.js';
import { countOf, quantile } from './stage-times/histogram.js';
import type { Stage } from './stage-times/stages.js';

export interface WiredChat {
  platformId: string;
  name: string;
  folders: string[];
}

export interface StageFigures {
  stage: Stage;
  count: number;
  p50: number;
  p99: number;
}

export interface Status {
  wired: WiredChat[];
  /** Wirings that cannot be used, a sentence each. */
  bad: string[];
  sessions: number;
  /** Sessions whose container was up when the host last wrote it down. */
  running: number;
  queued: number;
  /** Sessions that are down as at work on a message, and whose container has given no sign of life for minutes. */
  staleClaims: string[];
  /** Since when the oldest of them has waited; null: none waits. */
  waitingSince: number | null;
  troubled: (TroubledDelivery & { sessionId: string })[];
  /** Messages of the last 24 hours that no agent took, by reason. */
  dropped: Record<string, number>;
  /** How long answers took, stage by stage, in the last seven days. Milliseconds, known to 19 %. */
  times: StageFigures[];
  /** Sessions whose files could not be read now. */
  unreadable: string[];
}

const DAY_MS = 86_400_000;
const LATE_AFTER_MS = 60_000;
/** The runner beats every 5 s, and the host ends one that has not for a minute. */
const SILENT_AFTER_MS = 5 * 60_000;

/** What is wired, running, waiting and wrong, read from the files alone: it needs no host. */
export function readStatus(db: CentralDb, paths: Pick<Paths, 'sessions' | 'groups'>, now: number): Status {
  const status: Status = {
    ...wiredChats(db),
    sessions: 0,
    running: 0,
    queued: 0,
    staleClaims: [],
    waitingSince: null,
    troubled: [],
    dropped: {},
    times: stageFigures(db, now),
    unreadable: [],
  };
  for (const { reason, count } of listDropped(db, now - DAY_MS)) {
    status.dropped[reason] = (status.dropped[reason] ?? 0) + count;
  }
  for (const session of listSessions(db)) {
    status.sessions += 1;
    if (session.containerState !== 'stopped') status.running += 1;
    const { inboundDb, heartbeat } = sessionPaths(paths, session, '');
    try {
      // One that was just made has no files yet.
      if (!existsSync(inboundDb)) continue;
      const { queued, waitingSince, troubled } = readBacklog(inboundDb, now, now - LATE_AFTER_MS);
      status.queued += queued;
      const claimed = queued > 0 && session.containerState !== 'stopped';
      const lastSign = Math.max(lastBeat(heartbeat), session.lastActiveAt, waitingSince ?? 0);
      if (claimed && now - lastSign > SILENT_AFTER_MS) status.staleClaims.push(session.id);
      if (waitingSince !== null)
        status.waitingSince = Math.min(waitingSince, status.waitingSince ?? waitingSince);
      status.troubled.push(...troubled.map((one) => ({ ...one, sessionId: session.id })));
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      status.unreadable.push(session.id);
    }
  }
  return status;
}

/** Epoch milliseconds; 0: none. The file's folder is the container's, which may have closed it to us. */
function lastBeat(heartbeat: string): number {
  try {
    return lstatSync(heartbeat).mtimeMs;
  } catch {
    return 0;
  }
}

function wiredChats(db: CentralDb): Pick<Status, 'wired' | 'bad'> {
  const wired: WiredChat[] = [];
  const bad: string[] = [];
  for (const chat of listMessagingGroups(db).filter((one) => one.wired)) {
    const agents = listWiredAgents(db, chat.id);
    bad.push(...agents.bad.map((problem) => problem.message));
    const folders = agents.usable.map(({ agentGroup }) => agentGroup.folder);
    wired.push({ platformId: chat.platformId, name: chat.name, folders });
  }
  return { wired, bad };
}

function stageFigures(db: CentralDb, now: number): StageFigures[] {
  return [...readStageTimes(db, now)].map(([stage, histogram]) => ({
    stage,
    count: countOf(histogram),
    p50: Math.round(quantile(histogram, 0.5) ?? 0),
    p99: Math.round(quantile(histogram, 0.99) ?? 0),
  }));
}
