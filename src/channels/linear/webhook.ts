import type { Clock } from '../../clock.js';
import { jsonOf } from '../../json.js';
import type { Attempt } from '../chat-sdk/guard.js';
import type { WebhookHandler } from '../chat-sdk/platform.js';
import { isSignedWith } from '../webhooks/signature.js';
import { eventSchema, type Happened, happenedIn, packetOf } from './packets.js';

/** An older request may be one that somebody has kept and sends again. */
const OLDEST_MS = 5 * 60_000;

export interface LinearWebhookDeps {
  secret: string;
  attempt: Attempt;
  clock: Clock;
  /** Resolves once it is taken in. */
  take(happened: Happened): Promise<void>;
}

/**
 * Takes Linear's events (linear.app/developers/webhooks). The adapter's own handler is not used: it leaves out what
 * a new issue says, knows no teams, and waits for nothing.
 */
export function createLinearWebhook({ secret, attempt, clock, take }: LinearWebhookDeps): WebhookHandler {
  return async (request) => {
    const text = await request.text();
    const refused = () => new Response('not signed with the secret of the webhook', { status: 401 });
    if (!isSignedWith(secret, text, request.headers.get('linear-signature'))) return refused();
    const event = eventSchema.safeParse(jsonOf(text)).data;
    if (!event) return new Response('not understood', { status: 400 });
    if (Math.abs(clock.now() - event.webhookTimestamp) > OLDEST_MS) return refused();
    const packet = packetOf(event.type === 'Issue' ? 'Issue' : 'Comment', event.data);
    const read = await attempt(packet, () => happenedIn(event));
    if (read?.value) await take(read.value);
    // Nothing but 200 counts as taken there.
    return new Response('ok');
  };
}
