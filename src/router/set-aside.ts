import { countDropped } from '../db/central/dropped-messages.js';
import { holdMessage } from '../db/central/held-messages.js';
import { encodeHeld } from './held-event.js';
import { isChange } from './message.js';
import type { Intake, RouteOutcome, RouterDeps } from './types.js';

/**
 * Keeps a message for the agents that cannot take it in, so that the chat goes on; the replay tries them again, and the
 * agents that have it find it known. So are edits and deletions. A reaction or a click means nothing a while later: it is only counted. Throws
 * where `v2.db` cannot be written: then it is the host that fails, and nothing is given up.
 */
export function setAside({ db, clock }: RouterDeps, { event }: Intake): RouteOutcome {
  const now = clock.now();
  const { channelType, platformId, messageId: platformMessageId, kind } = event;
  const waits = kind === 'message' || isChange(event);
  const write = db.transaction(() => {
    if (waits) {
      const kept = encodeHeld(event, 'its conversation could not be written then');
      const message = { channelType, platformId, platformMessageId, event: kept, createdAt: now };
      const fresh = holdMessage(db, message, 'session-stuck');
      if (!fresh) return;
    }
    countDropped(db, event, 'session-stuck', now);
  });
  write.immediate();
  return waits ? { kind: 'held' } : { kind: 'dropped', reason: 'session-stuck' };
}
