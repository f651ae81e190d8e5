import type { InboundEvent } from '../channels/adapter.js';
import { addressesIn, withoutAddress } from '../commands/parse.js';
import type { HeldRequest } from '../credentials/onecli/approval-request.js';
import type { EngagedWiring } from '../router/types.js';
import { type Answer, answerIn, codeOf } from './words.js';

/** A request that waits, with the platform's ids of the message that asks; empty: none was told. */
export interface Asked {
  request: HeldRequest;
  messageIds: readonly string[];
}

/** What an event decides, and about which request. */
export function answerOf(
  event: InboundEvent,
  hearing: readonly EngagedWiring[],
  open: ReadonlyMap<string, Asked>,
): Answer | null {
  if (event.kind === 'click') return clickedOn(event, open);
  const patterns = hearing.flatMap(({ wiring }) => wiring.triggerRules.pattern ?? []);
  const text = event.text.normalize('NFKC').trim();
  return answerIn(text) ?? answerIn(withoutAddress(text, addressesIn(event, patterns)));
}

/**
 * A button counts on the message that asks and nowhere else: an agent, too, may put buttons into a chat, and write on them
 * what it likes.
 */
function clickedOn({ text, replyTo }: InboundEvent, open: ReadonlyMap<string, Asked>): Answer | null {
  const said = answerIn(text);
  const own = [...open.values()].find(({ messageIds }) => replyTo !== null && messageIds.includes(replyTo));
  if (!own) {
    const known = said && open.get(said.code);
    // Where the platform told no id, the words have to do; with one this is somebody else's button.
    return known && known.messageIds.length > 0 ? null : said;
  }
  const code = codeOf(own.request);
  if (said) return said.code === code ? said : null;
  // Its place, where the channel has forgotten what it stood for.
  const decision = (['approve', 'deny'] as const)[Number(text)];
  return /^[01]$/.test(text) && decision ? { decision, code } : null;
}
