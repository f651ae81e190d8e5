import { speakersIn } from '../db/central/sessions.js';
import type { OpenDelivery } from '../db/inbound/ledger.js';
import { isRecorded } from '../db/inbound/ledger-targets.js';
import type { DeliveryDeps } from './types.js';

/** Two messages may look alike; each that stands in a chat's history is the answer to one question of `findSent`. */
export interface Claims {
  /**
   * Is that message of ours known to be another one than `entry`: recorded by any session that speaks in the chat, or
   * found a moment ago for another entry? If not, it is `entry`'s from now on.
   */
  isAnother(sessionId: string, entry: OpenDelivery, messageId: string): boolean;
  /** What was found for `entry` stands in its ledger, or is to be looked for anew. */
  settle(sessionId: string, entry: OpenDelivery): void;
}

export function createClaims({ central, sessions }: Pick<DeliveryDeps, 'central' | 'sessions'>): Claims {
  /** The entries that are being settled, by chat and message. */
  const claimed = new Map<string, string>();
  const nameOf = (sessionId: string, { key, part }: OpenDelivery) => `${sessionId} ${key} ${part}`;
  return {
    isAnother(sessionId, entry, messageId) {
      const { to } = entry;
      const [place, name] = [`${to.channelType} ${to.platformId} ${messageId}`, nameOf(sessionId, entry)];
      const owner = claimed.get(place);
      if (owner !== undefined) return owner !== name;
      const speakers = new Set([sessionId, ...speakersIn(central, to)]);
      for (const speaker of speakers) {
        if (sessions.read(speaker, (db) => isRecorded(db, to, messageId))) return true;
      }
      claimed.set(place, name);
      return false;
    },
    settle(sessionId, entry) {
      const name = nameOf(sessionId, entry);
      for (const [place, owner] of claimed) if (owner === name) claimed.delete(place);
    },
  };
}
