import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gatherWebhooks, type WebhooksInput } from '../../../../setup/verify/gather-webhooks.js';
import { judgeWebhooks, type WebhookFacts } from '../../../../setup/verify/webhooks.js';

const healthy: WebhookFacts = {
  called: ['GitHub'],
  wired: 1,
  publicUrl: 'https://wharfie.example.org',
  ...{ host: '127.0.0.1', port: 3310, portTaken: false, reached: true },
};

describe('each misconfiguration of webhooks is named, with its cure', () => {
  it('says nothing where all is well, and where no platform calls', () => {
    expect(judgeWebhooks(healthy)).toEqual([]);
    const none = { called: [], publicUrl: null, portTaken: true, reached: false };
    expect(judgeWebhooks({ ...healthy, ...none })).toEqual([]);
  });

  it.each([
    [{ publicUrl: null }, 'webhook-url-missing', 'warning', 'docs/webhooks.md'],
    [{ publicUrl: 'http://wharfie.example.org' }, 'webhook-url-insecure', 'warning', 'https'],
    [{ portTaken: true }, 'webhook-port-taken', 'error', 'WHARFIE_WEBHOOK_PORT'],
    [{ portTaken: true, wired: 0 }, 'webhook-port-taken', 'warning', 'WHARFIE_WEBHOOK_PORT'],
    [{ reached: false }, 'webhook-not-reached', 'warning', '3310'],
  ] as const)('%j: %s, %s', (change, id, severity, fix) => {
    expect(judgeWebhooks({ ...healthy, ...change })).toMatchObject([
      { id, severity, fix: expect.stringContaining(fix) },
    ]);
  });
});

describe('what is so', () => {
  const input = (port: number, change: Partial<WebhooksInput> = {}): WebhooksInput => ({
    config: { publicUrl: null, webhookHost: '127.0.0.1', webhookPort: port },
    lines: [
      { type: 'github', enabled: true },
      { type: 'slack', enabled: true },
      { type: 'discord', enabled: true },
      { type: 'linear', enabled: false },
    ],
    env: { SLACK_APP_TOKEN: 'x' },
    wired: [{ channelType: 'github' }, { channelType: 'slack' }, { channelType: 'cli' }],
    ...{ hostRunning: false, offline: false, only: undefined },
    ...change,
  });

  it('counts the channels that are called, and Slack only where it is', async () => {
    expect(await gatherWebhooks(input(1, { hostRunning: true }))).toMatchObject({
      ...{ called: ['GitHub'], wired: 1 },
    });
    const env = { SLACK_SIGNING_SECRET: 'x' };
    expect(await gatherWebhooks(input(1, { hostRunning: true, env }))).toMatchObject({
      ...{ called: ['GitHub', 'Slack'], wired: 2 },
    });
    expect(await gatherWebhooks(input(1, { hostRunning: true, only: 'discord' }))).toMatchObject({
      ...{ called: [], portTaken: false },
    });
  });

  it('sees that the port is taken, and not where a host of ours has it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect((await gatherWebhooks(input(port))).portTaken).toBe(true);
    expect((await gatherWebhooks(input(port, { hostRunning: true }))).portTaken).toBe(false);
    await new Promise((resolve) => other.close(resolve));
    expect((await gatherWebhooks(input(port))).portTaken).toBe(false);
  });

  it('asks the public address whether it leads here', async () => {
    const server = createHttpServer((request, response) => {
      response.end(request.url === '/right/health' ? '{"status":"ok"}' : 'a page of somebody else');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const at = (path: string) => ({ ...input(1).config, publicUrl: `http://127.0.0.1:${port}${path}` });
    const reached = async (path: string, change: Partial<WebhooksInput> = {}) =>
      (await gatherWebhooks(input(1, { config: at(path), hostRunning: true, ...change }))).reached;
    expect(await reached('/right')).toBe(true);
    expect(await reached('/wrong')).toBe(false);
    expect(await reached('/right', { offline: true })).toBeNull();
  });
});
