import type { UnreadMessage } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import {
  askedRetries,
  countFailure,
  type FailedStage,
  failedKeys,
  findSetAside,
  forgetFailures,
  type MessageKey,
  retryDone,
  SET_ASIDE_LIMITS,
  type SetAside,
} from '../db/central/set-aside.js';
import { membershipsOf } from '../db/central/users.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';

/** So many failures set a message aside. */
export const TRIES = 3;
const MAX_PACKET_BYTES = 64 * 1024;
const MAX_REASON = 300;
const MOST_REMEMBERED = 2 * SET_ASIDE_LIMITS.total;

export interface QuarantineDeps {
  db: CentralDb;
  clock: Clock;
  log: Log;
  /** Says what is due to be said of messages that were set aside. */
  tell(): void;
  /** Takes a message in anew. `later`: its channel is not there now. Rejects where it fails. */
  retake(message: SetAside): Promise<'taken' | 'later'>;
}

/** Keeps a message that cannot be taken in from keeping out the messages behind it. */
export interface Quarantine {
  /**
   * Notes that a message failed through its own fault. `set-aside`: it has had its three tries, and what comes behind
   * it goes on. Throws where the failure cannot be noted: then nothing is given up.
   */
  failed(message: UnreadMessage, error: unknown, stage?: FailedStage): 'again' | 'set-aside';
  /** It went through: its failures are forgotten. */
  through(key: MessageKey): void;
  /** Tries again what the operator asked for. */
  retryAsked(): Promise<void>;
}

const nameOf = (key: MessageKey) => JSON.stringify([key.channelType, key.platformId, key.platformMessageId]);

export function createQuarantine({ db, clock, log, tell, retake }: QuarantineDeps): Quarantine {
  // Asked for each message that goes through: the database is not, unless something of it failed.
  let failing = new Set(failedKeys(db).map(nameOf));
  let retrying: Promise<void> | null = null;
  let askedAgain = false;

  async function retry(message: SetAside): Promise<void> {
    const fields = { chat: message.platformId, message: message.platformMessageId, id: message.id };
    try {
      if ((await retake(message)) === 'later') return;
      // A retake that fails is counted here like every other failure.
      const left = findSetAside(db, message.id);
      if (left?.failures === message.failures) forgetFailures(db, message);
      log.info({ ...fields, taken: left?.failures === message.failures || left === null }, 'message retried');
    } catch (error) {
      log.warn({ ...fields, reason: reasonOf(error) }, 'message retried in vain');
    }
    retryDone(db, message.id);
  }

  async function retryAll(): Promise<void> {
    do {
      askedAgain = false;
      for (const message of askedRetries(db)) await retry(message);
    } while (askedAgain);
  }

  return {
    failed({ raw, ...message }, error, stage = 'packet') {
      const stranger = !isKnown(db, message.senderId);
      const reason = reasonOf(error).slice(0, MAX_REASON);
      const failed = { ...message, stranger, stage, reason, packet: packetOf(raw) };
      const { row, isNew } = countFailure(db, failed, {
        tries: TRIES,
        wordDue: message.platformId !== '' && raw !== null,
        now: clock.now(),
      });
      failing.add(nameOf(row));
      // Of strangers' messages only so many rows are kept.
      if (failing.size > MOST_REMEMBERED) failing = new Set(failedKeys(db).map(nameOf));
      const fields = { chat: row.platformId, message: row.platformMessageId, failures: row.failures, reason };
      if (isNew) {
        const fix = `./wharfie messages --retry ${row.id}`;
        log.error({ ...fields, channel: row.channelType, fix }, 'a message cannot be read, it was set aside');
        tell();
      } else if (row.setAsideAt === null) log.warn(fields, 'a message cannot be read, it is tried again');
      return row.setAsideAt === null ? 'again' : 'set-aside';
    },
    through(key) {
      if (!failing.delete(nameOf(key))) return;
      forgetFailures(db, key);
    },
    retryAsked() {
      askedAgain = true;
      retrying ??= retryAll().finally(() => {
        retrying = null;
      });
      return retrying;
    },
  };
}

function isKnown(db: CentralDb, senderId: string | null): boolean {
  return senderId !== null && membershipsOf(db, senderId).some(({ role }) => role !== 'blocked');
}

/** Null: too large to be kept, or nothing that JSON has. */
function packetOf(raw: unknown): string | null {
  if (raw === null) return null;
  try {
    const json: string | undefined = JSON.stringify(raw);
    return json !== undefined && Buffer.byteLength(json) <= MAX_PACKET_BYTES ? json : null;
  } catch {
    return null;
  }
}
