import type { Finding } from './types.js';

export interface WebhookFacts {
  /** Labels of the enabled channels that their platforms call. */
  called: string[];
  /** Chats of theirs that are wired. */
  wired: number;
  publicUrl: string | null;
  host: string;
  port: number;
  /** No host of ours runs, and still somebody listens there. */
  portTaken: boolean;
  /** Whether our server answers at the public address; null: it was not tried. */
  reached: boolean | null;
  /** Another server than ours answers there. */
  foreign?: boolean;
}

const HOW = 'docs/webhooks.md shows five ways';

export function judgeWebhooks(facts: WebhookFacts): Finding[] {
  const { called, publicUrl, port } = facts;
  if (called.length === 0) return [];
  const finding = (
    id: string,
    message: string,
    fix: string,
    severity: Finding['severity'] = 'warning',
  ): Finding => ({ id, layer: 'channels', severity, message, fix });
  const found: Finding[] = [];
  const labels = called.join(', ');
  if (publicUrl === null) {
    const message = `${labels}: the platform has to call this machine, and WHARFIE_PUBLIC_URL is not set.`;
    found.push(finding('webhook-url-missing', message, `Put the https address into .env. ${HOW}.`));
  } else if (!publicUrl.startsWith('https:')) {
    const message = `WHARFIE_PUBLIC_URL is not https: what ${labels} sends can be read and changed on its way.`;
    found.push(finding('webhook-url-insecure', message, `Use an https address. ${HOW}.`));
  }
  if (facts.portTaken) {
    const message = `Another program listens on port ${port} of ${facts.host}: ${labels} cannot start.`;
    const fix =
      'Set WHARFIE_WEBHOOK_PORT in .env to a free port, and let the tunnel or reverse proxy lead there.';
    found.push(finding('webhook-port-taken', message, fix, facts.wired > 0 ? 'error' : 'warning'));
  }
  if (facts.foreign) {
    const message = `Another server answers at ${publicUrl}: what ${labels} sends does not come here.`;
    const fix = `Lead the tunnel or reverse proxy of that address to port ${port} of this machine, or put the right address into .env as WHARFIE_PUBLIC_URL. ${HOW}.`;
    found.push(finding('webhook-url-wrong', message, fix, facts.wired > 0 ? 'error' : 'warning'));
  } else if (facts.reached === false) {
    const message = `Nothing of ours answers at ${publicUrl}/health: ${labels} may get no calls.`;
    const fix = `Does the tunnel or reverse proxy run, and does it lead to port ${port}? docs/webhooks.md.`;
    found.push(finding('webhook-not-reached', message, fix));
  }
  return found;
}
