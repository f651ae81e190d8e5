import type { InboundEvent } from '../channels/adapter.js';
import { assistantNameOf } from '../db/central/agent-groups.js';
import { fixFor, sentences } from '../voice/index.js';
import type { RouteOutcome, RouterDeps } from './types.js';

/**
 * Is the message a pairing code, and what came of it? Null: it is none. A message that holds a code, right or wrong,
 * is never stored.
 */
export function tryPairing(deps: RouterDeps, event: InboundEvent): RouteOutcome | null {
  const { voice } = deps;
  const { people } = sentences;
  const outcome = deps.pairings.redeem(event);
  const fields = { channel: event.channelType, chat: event.platformId, sender: event.sender.id };
  switch (outcome.kind) {
    case 'no-code':
      return null;
    case 'paired': {
      const { agentGroup, messagingGroup, roles } = outcome.registered;
      deps.log.info({ ...fields, folder: agentGroup.folder, roles }, 'chat paired');
      voice.now(event, people.paired({ name: assistantNameOf(agentGroup) }));
      return { kind: 'paired', platformId: messagingGroup.platformId };
    }
    case 'failed':
      deps.log.error({ ...fields, code: outcome.error.code, fix: outcome.error.fix }, outcome.error.message);
      voice.now(event, people.pairingFailed({ fix: fixFor(event, outcome.error.fix) }));
      return { kind: 'dropped', reason: 'unwired' };
    case 'wrong':
    case 'locked':
      deps.log.warn({ ...fields, outcome: outcome.kind }, 'wrong pairing code');
      voice.refused(event, event.sender.id, people.wrongCode());
      return { kind: 'dropped', reason: 'refused-sender' };
  }
}
