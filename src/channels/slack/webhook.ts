import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { jsonOf } from '../../json.js';
import type { WebhookHandler } from '../chat-sdk/platform.js';
import { isSignedWith } from '../webhooks/signature.js';
import type { SlackDelivery } from './packets.js';

/** What Slack posts as JSON (api.slack.com/apis/events-api); of the kinds that it may add nothing is wanted. */
const bodySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('url_verification'), challenge: z.string() }),
  z.object({ type: z.literal('event_callback'), event: z.unknown() }),
]);

/** An older request may be one that somebody has kept and sends again. */
const OLDEST_S = 5 * 60;

export interface SlackWebhookDeps {
  secret: string;
  clock: Clock;
  /** Resolves once it is taken in. */
  onDelivery(delivery: SlackDelivery): Promise<void>;
}

/** Takes Slack's requests: events, and clicks on what stands in a message. */
export function createSlackWebhook({ secret, clock, onDelivery }: SlackWebhookDeps): WebhookHandler {
  /** Slack signs the time with the body (api.slack.com/authentication/verifying-requests-from-slack). */
  function isFromSlack(request: Request, body: string): boolean {
    const time = request.headers.get('x-slack-request-timestamp') ?? '';
    const [version, signature] = (request.headers.get('x-slack-signature') ?? '').split('=');
    if (!/^\d{1,12}$/.test(time) || version !== 'v0') return false;
    if (Math.abs(clock.now() / 1000 - Number(time)) > OLDEST_S) return false;
    return isSignedWith(secret, `v0:${time}:${body}`, signature);
  }

  return async (request) => {
    const text = await request.text();
    if (!isFromSlack(request, text)) return new Response('not signed by Slack', { status: 401 });
    if (request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) {
      const payload = jsonOf(new URLSearchParams(text).get('payload') ?? '');
      if (payload !== undefined) await onDelivery({ type: 'interactive', payload });
      return new Response();
    }
    const body = bodySchema.safeParse(jsonOf(text)).data;
    if (body?.type === 'url_verification') return new Response(body.challenge);
    if (body) await onDelivery({ type: 'events_api', payload: { event: body.event } });
    return new Response();
  };
}
