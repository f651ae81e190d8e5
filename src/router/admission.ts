import type { Admitted, ChannelHost, InboundEvent } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import { claimDropWarning, countDropped } from '../db/central/dropped-messages.js';
import type { CentralDb } from '../db/central/index.js';
import type { Log } from '../log/index.js';
import { standingOf } from './people.js';

type Asked = Parameters<NonNullable<ChannelHost['admits']>>[0] & { channelType: string };

export interface Doorkeeper {
  /** How much of a message is to be read, by who sent it alone. */
  admits(asked: Asked): Admitted;
  /** Counts what somebody who is heard has really sent: of others anybody can use the name. */
  took(event: InboundEvent): void;
}

const HOUR_MS = 3_600_000;
/** An hour. What waits in a chat that nobody wired is 20 messages anyway. */
const MOST = { heard: 300, unheard: 20, allUnheard: 300 };

/**
 * Decides before a message is read. Too many of somebody who is heard come later, for their platform sends them again: none
 * may be lost. Too many of others are counted and gone: asking for them again would make the platform give the host up.
 */
export function createDoorkeeper(deps: { db: CentralDb; clock: Clock; log: Log }): Doorkeeper {
  const { db, clock, log } = deps;
  const sent = createCounts(clock);
  const putOff = createCounts(clock);
  /** Channels that never ask cost nothing. */
  const asking = new Set<string>();

  function refuse(
    chat: Pick<Asked, 'channelType' | 'platformId'>,
    reason: 'blocked-sender' | 'too-frequent',
  ) {
    const now = clock.now();
    countDropped(db, chat, reason, now);
    const fields = { channel: chat.channelType, chat: chat.platformId };
    if (reason === 'too-frequent' && claimDropWarning(db, chat, reason, now, HOUR_MS)) {
      log.warn(fields, 'messages of strangers are dropped unread: there are too many');
    }
    return 'none' as const;
  }

  return {
    admits(asked) {
      const { channelType, platformId, senderId } = asked;
      asking.add(channelType);
      const standing = standingOf(db, asked);
      if (standing === 'blocked') return refuse(asked, 'blocked-sender');
      if (standing === 'heard') {
        if (sent.of(senderId) < MOST.heard) return 'all';
        const fields = { channel: channelType, chat: platformId, sender: senderId };
        if (putOff.of(senderId) === 0) log.warn(fields, 'too many messages: they are taken in later');
        putOff.add(senderId);
        return 'later';
      }
      const all = `${channelType}:*`;
      if (sent.of(senderId) >= MOST.unheard) return refuse({ channelType, platformId }, 'too-frequent');
      // Under one name, for senders may be invented.
      if (sent.of(all) >= MOST.allUnheard) return refuse({ channelType, platformId: all }, 'too-frequent');
      sent.add(senderId);
      sent.add(all);
      return 'brief';
    },
    took({ channelType, platformId, sender }) {
      if (!asking.has(channelType)) return;
      if (standingOf(db, { channelType, platformId, senderId: sender.id }) === 'heard') sent.add(sender.id);
    },
  };
}

/** How often each was counted within the hour since its first time. */
function createCounts(clock: Clock) {
  const counts = new Map<string, { since: number; count: number }>();
  const current = (key: string) => {
    const found = counts.get(key);
    return found && clock.monotonic() - found.since < HOUR_MS ? found : null;
  };
  return {
    of: (key: string) => current(key)?.count ?? 0,
    add(key: string): void {
      const found = current(key) ?? { since: clock.monotonic(), count: 0 };
      // The oldest stand first.
      counts.delete(key);
      counts.set(key, { ...found, count: found.count + 1 });
      for (const [one] of counts) {
        if (current(one)) break;
        counts.delete(one);
      }
    },
  };
}
