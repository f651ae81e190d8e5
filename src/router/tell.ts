import type { Clock } from '../clock.js';
import type { CentralDb } from '../db/central.js';
import { claimRefusalReply } from '../db/refused-senders.js';
import type { Address } from '../db/types.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log.js';

export interface Tell {
  /** Says it, now. Never rejects and is never waited for: the platform's acknowledgement does not hang on it. */
  now(to: Address, text: string): void;
  /** The same trouble of the same chat at most once an hour. */
  trouble(to: Address, code: string, text: string): void;
  /** Answers somebody who is not let in: twice in a lifetime. */
  refused(to: Address, senderId: string, text: string): void;
}

export interface TellDeps {
  db: CentralDb;
  clock: Clock;
  log: Log;
  say: (to: Address, text: string) => Promise<void>;
}

const HOUR_MS = 3_600_000;
const MAX_REMEMBERED = 1_000;
const REFUSALS = { replies: 2, maxSenders: 10_000 };

/** What the host itself says in chats and to people that no agent serves, and how often. */
export function createTell(deps: TellDeps): Tell {
  const { db, clock, log } = deps;
  const told = new Map<string, number>();

  function now(to: Address, text: string): void {
    deps.say(to, text).catch((error: unknown) => {
      log.warn({ chat: to.platformId, reason: reasonOf(error) }, 'host answer not delivered');
    });
  }

  return {
    now,
    trouble(to, code, text) {
      const key = JSON.stringify([to.channelType, to.platformId, code]);
      const last = told.get(key);
      if (last !== undefined && clock.monotonic() - last < HOUR_MS) return;
      if (told.size >= MAX_REMEMBERED) told.clear();
      told.set(key, clock.monotonic());
      now(to, text);
    },
    refused(to, senderId, text) {
      if (claimRefusalReply(db, senderId, clock.now(), REFUSALS)) now(to, text);
    },
  };
}
