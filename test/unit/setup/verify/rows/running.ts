import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { tokenOf } from '../fixes.js';
import { DIRECT, FAMILY, KEY, type Prepared } from '../prepared.js';
import { env, type Row } from './row.js';

export const hosts: Record<string, Row> = {
  'a channel that was enabled after the start': {
    make: (at) => at.restart({ has: false }),
    id: 'channel-not-loaded',
    says: /started before/,
    act: (at) => at.restart(),
  },
  'a package that came after the start': {
    make: (at) =>
      at.platform.setHealth({
        ...{ state: 'failed', detail: 'The package for Discord is not installed.' },
        fix: './wharfie channel --enable discord',
      }),
    id: 'channel-package-late',
    act: (at) => at.platform.setHealth({ state: 'connected' }),
  },
  'a token that was revoked while the host runs': {
    make: (at) =>
      at.platform.setHealth({
        ...{ state: 'failed', detail: 'Discord refused the bot token.' },
        fix: './wharfie channel --auth discord',
      }),
    id: 'channel-not-connected',
    says: /refused the bot token/,
    act: (at) => at.platform.setHealth({ state: 'connected' }),
  },
  'no token': {
    make: env({ DISCORD_BOT_TOKEN: undefined }),
    id: 'channel-credential-missing',
    act: (at) => at.act('channel', '--auth', 'discord', '--check').catch(() => at.writeEnv()),
  },
  'a token with half a quote': {
    make: (at) => at.writeEnv({ DISCORD_BOT_TOKEN: `"${at.discord.token}` }),
    id: 'channel-credential-malformed',
    says: /quote/,
    act: env({}),
  },
  'a token of another platform': {
    make: env({ DISCORD_BOT_TOKEN: '7000000001:AAfake' }),
    id: 'channel-credential-malformed',
    act: env({}),
  },
};

export const platforms: Record<string, Row> = {
  'a key that is refused': {
    make: (at) => {
      at.model.key = 'sk-ant-api03-another-0123456789';
    },
    id: 'credential-refused',
    secrets: { ANTHROPIC_API_KEY: 'sk-ant-api03-another-0123456789' },
    after(at) {
      at.model.key = KEY;
      at.writeEnv();
    },
    online: true,
  },
  'a model that cannot be reached': {
    make: env({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' }),
    id: 'api-unreachable',
    says: /ECONNREFUSED/,
    act: env({}),
    online: true,
  },
  'a name that the DNS does not know': {
    make: env({ ANTHROPIC_BASE_URL: 'http://model.invalid' }),
    id: 'api-unreachable',
    says: /model\.invalid/,
    act: env({}),
    online: true,
  },
  'an address at which there is no model': {
    make: (at) => at.writeEnv({ ANTHROPIC_BASE_URL: `${at.model.url}/somewhere` }),
    id: 'base-url-wrong',
    says: /404/,
    act: env({}),
    online: true,
  },
  'a proxy that is down': {
    make: env({
      HTTPS_PROXY: 'http://ada:secret@127.0.0.1:9',
      ANTHROPIC_BASE_URL: 'https://model.invalid',
    }),
    id: 'proxy-refuses',
    says: /^The proxy of HTTPS_PROXY, http:\/\/127\.0\.0\.1:9, cannot be reached: ECONNREFUSED\.$/,
    act: env({}),
    online: true,
  },
  'a proxy that wants a login': {
    make: (at) => proxied(at, 407, { ANTHROPIC_BASE_URL: 'https://model.invalid' }),
    id: 'proxy-refuses',
    says: /another user name and password/,
    act: unproxied,
    online: true,
  },
  'a proxy that keeps the platform away': {
    make: (at) => proxied(at, 403, { DISCORD_API_URL: 'https://discord.invalid/api/v10' }),
    id: 'proxy-refuses',
    says: /nobody through to Discord at discord\.invalid:443 \(403\)/,
    act: unproxied,
    online: true,
  },
  'a model that the API does not have': {
    async make(at) {
      await at.act('group', '--folder', 'family', '--model', 'claude-sonet-4-5');
      // What asks Claude Code for a long context is no part of the model's name.
      await at.act('group', '--folder', 'main', '--model', 'claude-sonnet-4-5[1m]');
    },
    id: 'model-unknown',
    says: /no model claude-sonet-4-5, which family/,
    after: (at) => at.act('group', '--folder', 'main', '--model', 'default'),
    online: true,
  },
  'a clock that is off': {
    make: (at) => {
      at.shift.ms = 900_000;
    },
    id: 'clock-wrong',
    says: /15 minutes/,
    act: (at) => {
      at.shift.ms = 0;
    },
    online: true,
  },
  'a token that is revoked': {
    make: (at) => {
      at.discord.token = tokenOf('second');
    },
    id: 'channel-credential-refused',
    secrets: { DISCORD_BOT_TOKEN: tokenOf('second') },
    after(at) {
      at.discord.token = tokenOf('first');
      at.writeEnv();
    },
    online: true,
  },
  'a platform that cannot be reached': {
    make: env({ DISCORD_API_URL: 'http://127.0.0.1:9' }),
    id: 'channel-unreachable',
    act: env({}),
    online: true,
  },
  'a chat that was deleted': {
    make: (at) => at.knows(async (platformId) => (platformId === FAMILY ? null : found(platformId))),
    id: 'chat-not-found',
    says: /"F/,
    async after(at) {
      at.knows(async (platformId) => found(platformId));
      await at.wire('--platform-id', FAMILY, '--name', 'Family', '--folder', 'family');
    },
    online: true,
  },
  'a platform that does not tell of its chats': {
    make: (at) => at.knows(() => Promise.reject(new Error('it answers 502'))),
    id: 'chat-not-asked',
    says: /502/,
    act: (at) => at.knows(async (platformId) => found(platformId)),
    online: true,
  },
  'another program on the port of the webhooks': {
    async make(at) {
      at.barrel(`export { discord } from './discord.js';\nexport { github } from './github.js';\n`);
      const other = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => other.once('listening', resolve));
      const address = other.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      at.writeEnv({ WHARFIE_PUBLIC_URL: `http://127.0.0.1:${port}` });
      at.others.push(other);
    },
    id: 'webhook-url-insecure',
    act(at) {
      at.others.pop()?.close();
      at.writeEnv();
      at.barrel();
    },
    online: true,
  },
};

/** A proxy of the machine that answers every wish with this status. */
async function proxied(at: Prepared, status: number, change: Record<string, string>): Promise<void> {
  const proxy = createHttp();
  proxy.on('connect', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  at.others.push(proxy);
  at.writeEnv({ HTTPS_PROXY: `http://127.0.0.1:${port}`, ...change });
}

function unproxied(at: Prepared): void {
  at.others.pop()?.close();
  at.writeEnv();
}

function found(platformId: string) {
  return { platformId, name: 'Family', isGroup: platformId !== DIRECT };
}
