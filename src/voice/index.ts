import { type Address, chatKey } from '../address.js';
import type { Clock } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import { claimRefusalReply } from '../db/central/refused-senders.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import type { SessionManager } from '../session-manager.js';
import { createOwnerVoice } from './owner.js';
import type { Say } from './say.js';
import { type Sentence, sentences, writtenElsewhere } from './sentences.js';
import type { HostVoice } from './types.js';

export { noticeAt } from './notice-at.js';
export { createSay, type Say } from './say.js';
export { type Sentence, sentences, writtenElsewhere } from './sentences.js';
export type { DurableNotice, HostVoice, OwnerNews } from './types.js';

const HOUR_MS = 3_600_000;
const MAX_REMEMBERED = 1_000;
const REFUSALS = { replies: 2, maxSenders: 10_000 };

export function createVoice(deps: {
  db: CentralDb;
  clock: Clock;
  log: Log;
  sessions: Pick<SessionManager, 'resolve'>;
  /** `Delivery.notice` */
  durable: HostVoice['durable'];
  say: Say;
}): HostVoice {
  const { db, clock, log, sessions, durable, say } = deps;
  const told = new Map<string, number>();

  function now(to: Address, text: Sentence): void {
    say(to, text).catch((error: unknown) => {
      log.warn({ chat: to.platformId, reason: reasonOf(error) }, 'host answer not delivered');
    });
  }

  return {
    durable,
    now,
    trouble(to, code, text) {
      const key = `${code} ${chatKey(to)}`;
      const last = told.get(key);
      if (last !== undefined && clock.monotonic() - last < HOUR_MS) return;
      if (told.size >= MAX_REMEMBERED) told.clear();
      told.set(key, clock.monotonic());
      now(to, text);
    },
    refused(to, senderId, text) {
      const may = claimRefusalReply(db, senderId, clock.now(), REFUSALS);
      if (may) now(to, text);
      return may;
    },
    owner: createOwnerVoice({ db, log, sessions, durable }),
    post: (to, text) => say(to, writtenElsewhere(text)),
  };
}

/** The terminal: nobody but the operator can open it, so it gets causes and commands. */
export const isTerminal = ({ channelType }: Pick<Address, 'channelType'>): boolean => channelType === 'cli';

/** What helps, where it is for the operator to do: the command in the terminal, in a chat only who has to look. */
export const fixFor = (to: Address, fix: string): string =>
  isTerminal(to) && fix !== '' ? fix : sentences.operator.look();
