import type { ChannelAdapter } from '../channels/adapter.js';
import type { OpenDelivery } from '../db/inbound/ledger.js';
import type { DeliveryContext } from './context.js';
import type { PlannedPart } from './parts.js';
import { announced } from './policy.js';

/** `again`: look at the lane once more · `rest`: its next time is known · a number: look again after that many ms. */
export type Advance = 'again' | 'rest' | number;

/** The head of a lane whose time has come. */
export interface Due {
  entry: OpenDelivery;
  /** It stands as `sending` on disk already. */
  begun: boolean;
  adapter: ChannelAdapter;
  planned: PlannedPart;
  hasNext: boolean;
  quiet: boolean;
}

/** The part behind this one, announced for sending where that can go on at once. */
export function nextOf(context: DeliveryContext, { entry, hasNext }: Due): OpenDelivery | null {
  if (!hasNext) return null;
  const now = context.deps.clock.now();
  const open: OpenDelivery = {
    ...entry,
    part: entry.part + 1,
    state: 'failed',
    attempts: 0,
    nextAttemptAt: now,
    doubtSince: null,
    errorClass: null,
    lastError: null,
  };
  const goesOn = !context.stopping() && context.isConnected(entry.to.channelType);
  return goesOn ? announced(open, now) : open;
}
