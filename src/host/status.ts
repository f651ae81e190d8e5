import { existsSync, lstatSync } from 'node:fs';
import type { Paths } from '../config.js';
import { sortAgentGroups } from '../db/central/bad-rows.js';
import { listDropped } from '../db/central/dropped-messages.js';
import type { CentralDb } from '../db/central/index.js';
import { listMessagingGroups } from '../db/central/messaging-groups.js';
import { listSessions } from '../db/central/sessions.js';
import { listSetAside } from '../db/central/set-aside.js';
import { readStageTimes } from '../db/central/stage-times.js';
import { listWiredAgents } from '../db/central/wirings.js';
import { readBacklog } from '../db/inbound/backlog.js';
import type { TroubledDelivery } from '../db/inbound/ledger-troubles.js';
import { codeOf } from '../errors.js';
import { countOf, quantile } from '../metrics/histogram.js';
import type { Stage } from '../metrics/stages.js';
import { pathsBelow, sessionRoot } from '../session-manager/paths.js';

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
  /** Messages of the last day that were given up after their tries. */
  givenUp: number;
  /** The folders of agents that have answered nothing since they gave one up. */
  givingUp: string[];
  /** Messages that could not be read, and wait for the operator. */
  setAside: number;
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
export function readStatus(db: CentralDb, paths: Pick<Paths, 'sessions'>, now: number): Status {
  const status: Status = {
    ...wiredChats(db),
    sessions: 0,
    running: 0,
    queued: 0,
    staleClaims: [],
    waitingSince: null,
    troubled: [],
    givenUp: 0,
    givingUp: [],
    setAside: listSetAside(db).length,
    dropped: {},
    times: stageFigures(db, now),
    unreadable: [],
  };
  for (const { reason, count } of listDropped(db, now - DAY_MS)) {
    status.dropped[reason] = (status.dropped[reason] ?? 0) + count;
  }
  const { usable, bad } = sortAgentGroups(db);
  const folders = new Map([...usable, ...bad].map((group) => [group.id, group.folder]));
  for (const session of listSessions(db)) {
    status.sessions += 1;
    if (session.containerState !== 'stopped') status.running += 1;
    const { inboundDb, heartbeat } = pathsBelow(sessionRoot(paths, session));
    try {
      // One that was just made has no files yet.
      if (!existsSync(inboundDb)) continue;
      const { queued, waitingSince, troubled, givenUp } = readBacklog(inboundDb, now, now - LATE_AFTER_MS);
      status.queued += queued;
      status.givenUp += givenUp.count;
      const folder = folders.get(session.agentGroupId) ?? session.agentGroupId;
      if (givenUp.open > 0 && !status.givingUp.includes(folder)) status.givingUp.push(folder);
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
