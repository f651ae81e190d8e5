import { isOwnFault } from '../channels/own-fault.js';
import { countDropped } from '../db/central/dropped-messages.js';
import { reasonOf } from '../errors.js';
import { encodeHeld } from './held-event.js';
import { type Intake, type RouteOutcome, type RouterDeps, RouterError } from './types.js';

/**
 * Takes an event in. One that makes the router itself fail is given up after three tries, so that its chat goes on;
 * whatever can pass is thrown as it came.
 */
export async function orGiveUp(
  deps: RouterDeps,
  intake: Intake,
  route: () => RouteOutcome | Promise<RouteOutcome>,
): Promise<RouteOutcome> {
  const { event } = intake;
  const { channelType, platformId, threadId, messageId: platformMessageId } = event;
  try {
    const outcome = await route();
    deps.quarantine.through({ channelType, platformId, platformMessageId });
    return outcome;
  } catch (error) {
    if (!isOwnFault(error)) throw error;
    const unread = {
      ...{ channelType, platformId, threadId, platformMessageId },
      ...{ senderId: event.sender.id, saidAt: event.at, raw: event.kind === 'message' ? kept(intake) : null },
    };
    if (deps.quarantine.failed(unread, error, 'event') === 'again') {
      const fix = 'It is tried again by itself, three times in all.';
      throw new RouterError('intake-failed', reasonOf(error), fix, { cause: error });
    }
    countDropped(deps.db, event, 'set-aside', deps.clock.now());
    return { kind: 'dropped', reason: 'set-aside' };
  }
}

/** As it is held; what cannot even be held is kept by its name alone. */
function kept({ event }: Intake): unknown {
  try {
    return JSON.parse(encodeHeld(event, 'the message could not be taken in at first'));
  } catch {
    return null;
  }
}
