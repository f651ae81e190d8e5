import { doubling } from '../async/backoff.js';
import { sleep } from '../clock.js';
import type { InboundDb } from '../db/inbound/index.js';
import type { OpenDelivery } from '../db/inbound/ledger.js';
import { reasonOf } from '../errors.js';
import { type Claims, createClaims } from './claims.js';
import { limits } from './limits.js';
import type { Failure } from './outcome.js';
import type { Facts } from './policy.js';
import { createPulse, type Pulse } from './pulse.js';
import { createSlots, type Slots } from './slots.js';
import type { DeliveryDeps } from './types.js';

/** What the pieces of delivery share. */
export interface DeliveryContext {
  deps: DeliveryDeps;
  pulse: Pulse;
  slots: Slots;
  claims: Claims;
  /** True from `stop` on: nothing new begins. */
  stopping(): boolean;
  halt(): void;
  /** What surrounds an entry, judged with the failure of its attempt where there was one. */
  facts(entry: OpenDelivery, failed?: Failure): Facts;
  /** Something went through on this channel: what waits for it may try. */
  wakeChannel(channelType: string): void;
  isConnected(channelType: string): boolean;
  /** It was unregistered. False where that cannot be looked up just now. */
  isGone(sessionId: string): boolean;
  /**
   * Writes to inbound.db for as long as it takes: what was sent must not be forgotten because of a full disk.
   * Undefined: the host stops, or the session is gone.
   */
  persist<T>(sessionId: string, change: (db: InboundDb) => T): Promise<T | undefined>;
}

const WAITS = { firstMs: 500, longestMs: 30_000 };

export function createContext(
  deps: DeliveryDeps,
  wakeChannel: (channelType: string) => void,
): DeliveryContext {
  const { clock, log } = deps;
  const startedAt = clock.monotonic();
  const pulse = createPulse(clock);
  let stopping = false;

  const isGone = (sessionId: string): boolean => {
    try {
      return deps.sessions.get(sessionId) === undefined;
    } catch {
      return false;
    }
  };
  const isConnected = (channelType: string) => deps.channels.get(channelType)?.health().state === 'connected';

  return {
    deps,
    pulse,
    slots: createSlots(limits.parallelPerChannel),
    claims: createClaims(deps),
    stopping: () => stopping,
    halt() {
      stopping = true;
    },
    isConnected,
    isGone,
    facts({ to }, failed) {
      const proven = pulse.provenSince(to.channelType, to.platformId);
      const allFail = pulse.allFail(to.channelType) || (failed?.channelWide ?? false);
      return {
        now: clock.now(),
        channelDown: !isConnected(to.channelType) || (allFail && !proven),
        // Where everything fails now, what went through before is an old proof.
        channelProven: proven && !allFail,
        mayGiveUp: clock.monotonic() - startedAt >= limits.giveUpGrace,
        waitsForEver: deps.channels.get(to.channelType)?.capabilities.waitsForEver ?? false,
      };
    },
    wakeChannel,
    async persist(sessionId, change) {
      for (let failures = 1; ; failures++) {
        if (isGone(sessionId)) return undefined;
        try {
          return await deps.sessions.write(sessionId, change);
        } catch (error) {
          log.error({ session: sessionId, reason: reasonOf(error) }, 'delivery not recorded, trying again');
        }
        if (stopping) return undefined;
        await sleep(clock, doubling(failures, WAITS));
      }
    },
  };
}
