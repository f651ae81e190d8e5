import { type Address, threadKey } from '../address.js';
import type { Clock, Timer } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import { addStageTimes } from '../db/central/stage-times.js';
import { getMessage } from '../db/inbound/messages-in.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { chatContentSchema, type OutboundRow } from '../outbound-reader/types.js';
import type { SessionManager } from '../session-manager.js';
import { addTo, type Histogram } from './histogram.js';
import { STAGES, type Stage, type StageTimes, stagesOf } from './stages.js';

export type { StageTimes } from './stages.js';

/** Measures where the time of each answered message goes. Its own costs: some numbers in memory, a commit a minute. */
export interface StageWatch {
  /** A message that wakes an agent is durable. Epoch milliseconds. */
  committed(messageId: string, at: { received: number; committed: number }): void;
  /** All of a row of the container has been said. Never throws: a figure is worth no message. */
  sent(sessionId: string, to: Address, row: OutboundRow): void;
  /** How long the last answer of this session in this chat took; null: none since the host started. */
  last(sessionId: string, to: Address): StageTimes | null;
  /** Keeps what was measured since the last time. */
  flush(): void;
}

const FLUSH_AFTER_MS = 60_000;
/** Messages on their way, and chats with an answer, of which the times are known. The oldest are forgotten. */
const MOST = 2_000;

export function createStageWatch(deps: {
  db: CentralDb;
  clock: Clock;
  log: Log;
  sessions: Pick<SessionManager, 'read'>;
}): StageWatch {
  const { clock, log } = deps;
  const onTheWay = new Map<string, { received: number; committed: number | null }>();
  const answered = new Map<string, StageTimes>();
  let fresh = new Map<Stage, Histogram>();
  let timer: Timer | null = null;

  /** After a restart the row alone tells when the message came. */
  const cameAt = (sessionId: string, messageId: string) => {
    const known = onTheWay.get(messageId);
    if (known) return known;
    const row = deps.sessions.read(sessionId, (db) => getMessage(db, messageId));
    return row?.kind === 'chat' ? { received: row.createdAt, committed: null } : null;
  };

  const flush = () => {
    timer?.cancel();
    timer = null;
    if (fresh.size === 0) return;
    try {
      addStageTimes(deps.db, fresh, clock.now());
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'figures not kept');
    }
    fresh = new Map();
  };

  const count = (times: StageTimes) => {
    for (const stage of STAGES) {
      const ms = times[stage];
      if (ms === undefined) continue;
      const histogram: Histogram = fresh.get(stage) ?? new Map();
      fresh.set(stage, histogram);
      addTo(histogram, ms);
    }
    timer ??= clock.after(FLUSH_AFTER_MS, flush);
  };

  const measure: StageWatch['sent'] = (sessionId, to, row) => {
    const content = chatContentSchema.safeParse(row.content).data;
    const stages = content && 'text' in content && 'stages' in content ? content.stages : undefined;
    if (row.inReplyTo === null || !stages) return;
    const came = cameAt(sessionId, row.inReplyTo);
    if (!came) return;
    onTheWay.delete(row.inReplyTo);
    const times = stagesOf({ ...came, ...stages, replied: row.createdAt, sent: clock.now() });
    count(times);
    remember(answered, `${sessionId} ${threadKey(to)}`, times);
    log.info({ session: sessionId, message: row.inReplyTo, chat: to.platformId, ms: times }, 'answered');
  };

  return {
    committed: (messageId, at) => remember(onTheWay, messageId, at),
    sent(sessionId, to, row) {
      try {
        measure(sessionId, to, row);
      } catch (error) {
        log.warn({ session: sessionId, reason: reasonOf(error) }, 'an answer not measured');
      }
    },
    last: (sessionId, to) => answered.get(`${sessionId} ${threadKey(to)}`) ?? null,
    flush,
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}
