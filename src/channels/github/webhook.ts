import { jsonOf } from '../../json.js';
import type { WebhookHandler } from '../chat-sdk/platform.js';
import { isSignedWith } from '../webhooks/signature.js';
import { type Said, saidIn } from './packets.js';

export interface GitHubWebhookDeps {
  secret: string;
  /** Resolves once it is taken in. */
  take(said: Said): Promise<void>;
}

/**
 * Takes GitHub's events. The adapter's own handler is not used: it leaves out what a new issue says, and waits for
 * nothing.
 */
export function createGitHubWebhook({ secret, take }: GitHubWebhookDeps): WebhookHandler {
  return async (request) => {
    const text = await request.text();
    const [algorithm, signature] = (request.headers.get('x-hub-signature-256') ?? '').split('=');
    if (algorithm !== 'sha256' || !isSignedWith(secret, text, signature)) {
      return new Response('not signed with the secret of the webhook', { status: 401 });
    }
    const form = request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded');
    const payload = jsonOf(form ? (new URLSearchParams(text).get('payload') ?? '') : text);
    if (payload === undefined) return new Response('no JSON', { status: 400 });
    const said = saidIn(request.headers.get('x-github-event'), payload);
    if (said) await take(said);
    return new Response('ok');
  };
}
