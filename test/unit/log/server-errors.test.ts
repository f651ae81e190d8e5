import { mkdtempSync, rmSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createCliChannel } from '../../../src/channels/cli.js';
import { createWebhooks } from '../../../src/channels/webhooks/index.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createHarness } from '../egress/harness.js';

const noDescriptor = () => Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });

type Opened = { close: () => Promise<unknown>; lines: () => string };

const servers: [string, () => Promise<Opened>][] = [
  [
    'terminal',
    async () => {
      const dir = mkdtempSync(path.join(tmpdir(), 'we-'));
      onTestFinished(() => rmSync(dir, { recursive: true }));
      const { log, lines } = createMemoryLog();
      const [socketPath, filesDir] = [path.join(dir, 's'), path.join(dir, 'files')];
      const clock = createFakeClock();
      const parts = { welcome: () => [], settled: async () => 'done' as const };
      const channel = createCliChannel({ socketPath, filesDir, clock, log, ...parts });
      await channel.start({
        receive: async () => {},
        unread: () => 'set-aside',
        cursors: () => [],
        healthChanged: () => {},
      });
      return { close: () => channel.stop(), lines: () => JSON.stringify(lines) };
    },
  ],
  [
    'webhooks',
    async () => {
      const { log, lines } = createMemoryLog();
      const server = createWebhooks({ host: '127.0.0.1', port: 0, log, clock: createFakeClock() });
      const route = await server.open('slack', async () => new Response('ok'));
      return { close: () => route.close(), lines: () => JSON.stringify(lines) };
    },
  ],
  [
    'egress',
    async () => {
      const { gateway, open, lines } = createHarness({});
      await open();
      return { close: () => gateway.stop(), lines: () => lines.join('') };
    },
  ],
];

it.each(servers)(
  'the host outlives it when %s cannot accept a connection, again and again',
  async (name, open) => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    onTestFinished(() => listen.mockRestore());
    const { close, lines } = await open();
    const [server] = listen.mock.contexts;
    if (!(server instanceof Server)) throw new Error('nothing listens');
    for (let n = 0; n < 2; n += 1) server.emit('error', noDescriptor());
    expect(lines()).toContain('EMFILE');
    expect(lines()).toContain(name);
    await close();
  },
);
