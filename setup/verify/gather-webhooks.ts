import { createServer } from 'node:net';
import { z } from 'zod';
import { channels, transportOf } from '../../src/channels/catalog/index.js';
import { type Clock, systemClock } from '../../src/clock.js';
import type { Config } from '../../src/config.js';
import { codeOf } from '../../src/errors.js';
import { jsonOf } from '../../src/json.js';
import type { BarrelLine } from '../channel/barrel.js';
import type { WebhookFacts } from './webhooks.js';

const ASK_MS = 10_000;

export interface WebhooksInput {
  config: Pick<Config, 'publicUrl' | 'webhookHost' | 'webhookPort'>;
  lines: readonly BarrelLine[];
  env: Record<string, string | undefined>;
  /** Types of the wired chats. */
  wired: readonly { channelType: string }[];
  hostRunning: boolean;
  offline: boolean;
  /** Only this channel. */
  only: string | undefined;
  clock?: Clock;
}

/** Where the platforms of the enabled channels call, and whether that leads to us. Before a host is started for a check. */
export async function gatherWebhooks(input: WebhooksInput): Promise<WebhookFacts> {
  const { config, lines, env, hostRunning, only, clock = systemClock } = input;
  const called = lines.flatMap(({ type, enabled }) => {
    const facts = Object.hasOwn(channels, type) ? channels[type] : undefined;
    const asked = enabled && (only === undefined || only === type);
    return asked && facts && transportOf(facts, env) === 'webhook' ? [facts] : [];
  });
  const { publicUrl, webhookHost: host, webhookPort: port } = config;
  const known = { publicUrl, host, port };
  const any = called.length > 0;
  const types = called.map((facts) => facts.type);
  const asked = any && hostRunning && !input.offline && publicUrl ? await answers(publicUrl, clock) : null;
  return {
    ...known,
    called: called.map((facts) => facts.label),
    wired: input.wired.filter((chat) => types.includes(chat.channelType)).length,
    portTaken: any && !hostRunning && (await isTaken(host, port)),
    reached: asked && asked === 'ours',
    foreign: asked === 'other',
  };
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error) === 'EADDRINUSE'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
  });
}

async function answers(publicUrl: string, clock: Clock): Promise<'ours' | 'other' | 'nobody'> {
  const abort = new AbortController();
  const deadline = clock.after(ASK_MS, () => abort.abort());
  try {
    const answer = await fetch(`${publicUrl}/health`, { signal: abort.signal, redirect: 'manual' });
    // A proxy that finds us not running says so itself.
    if ([502, 503, 504].includes(answer.status)) return 'nobody';
    const said = jsonOf(await answer.text());
    return z.object({ status: z.literal('ok') }).safeParse(said).success ? 'ours' : 'other';
  } catch {
    return 'nobody';
  } finally {
    deadline.cancel();
  }
}
