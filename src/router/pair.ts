import type { InboundEvent } from '../channels/adapter.js';
import { assistantNameOf } from '../db/agent-groups.js';
import type { Tell } from './tell.js';
import type { RouteOutcome, RouterDeps } from './types.js';

/**
 * Is the message a pairing code, and what came of it? Null: it is none. A message that holds a code, right or wrong,
 * is never stored.
 */
export function tryPairing(deps: RouterDeps, tell: Tell, event: InboundEvent): RouteOutcome | null {
  const outcome = deps.pairings.redeem(event);
  const fields = { channel: event.channelType, chat: event.platformId, sender: event.sender.id };
  switch (outcome.kind) {
    case 'no-code':
      return null;
    case 'paired': {
      const { agentGroup, messagingGroup, roles } = outcome.registered;
      deps.log.info({ ...fields, folder: agentGroup.folder, roles }, 'chat paired');
      tell.now(event, `Paired: ${assistantNameOf(agentGroup)} answers in this chat from now on.`);
      return { kind: 'paired', platformId: messagingGroup.platformId };
    }
    case 'failed':
      deps.log.error({ ...fields, code: outcome.error.code, fix: outcome.error.fix }, outcome.error.message);
      tell.now(
        event,
        'The code is right, but this chat cannot be registered. My operator finds the reason in my log.',
      );
      return { kind: 'dropped', reason: 'unwired' };
    case 'wrong':
    case 'locked':
      deps.log.warn({ ...fields, outcome: outcome.kind }, 'wrong pairing code');
      tell.refused(event, event.sender.id, 'This code is not valid (any more).');
      return { kind: 'dropped', reason: 'refused-sender' };
  }
}
