import { jsonOf } from '../../json.js';
import type { Attempt } from '../chat-sdk/guard.js';
import type { WebhookHandler } from '../chat-sdk/platform.js';
import { isSignedWith } from '../webhooks/signature.js';
import { type Happened, happenedIn } from './happened.js';
import { packetOfEvent } from './packets.js';

export interface GitHubWebhookDeps {
  secret: string;
  attempt: Attempt;
  /** Resolves once it is taken in. */
  take(happened: Happened): Promise<void>;
}

/**
 * Takes GitHub's events. The adapter's own handler is not used: it leaves out what a new issue says, and waits for
 * nothing.
 */
export function createGitHubWebhook({ secret, attempt, take }: GitHubWebhookDeps): WebhookHandler {
  return async (request) => {
    const text = await request.text();
    const [algorithm, signature] = (request.headers.get('x-hub-signature-256') ?? '').split('=');
    if (algorithm !== 'sha256' || !isSignedWith(secret, text, signature)) {
      return new Response('not signed with the secret of the webhook', { status: 401 });
    }
    const form = request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded');
    const payload = jsonOf(form ? (new URLSearchParams(text).get('payload') ?? '') : text);
    if (payload === undefined) return new Response('no JSON', { status: 400 });
    const event = request.headers.get('x-github-event') ?? '';
    const read = await attempt(packetOfEvent(event, payload), () => happenedIn(event, payload));
    if (read?.value) await take(read.value);
    return new Response('ok');
  };
}
