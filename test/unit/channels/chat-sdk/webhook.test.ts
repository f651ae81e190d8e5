import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultEmojiResolver, type WebhookOptions } from 'chat';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { factsOf } from '../../../../src/channels/catalog/index.js';
import { createChatSdkChannel } from '../../../../src/channels/chat-sdk/index.js';
import type { ChatSdkPlatform } from '../../../../src/channels/chat-sdk/platform.js';
import { createRecordingHost, type RecordingHost } from '../../../channels/contract/stage.js';
import { createFakeAdapter, type FakeAdapter, messageOf } from '../../../fakes/chat-adapter.js';
import { createFakeClock, type FakeClock } from '../../../fakes/clock.js';
import { silentLog } from '../../../fakes/log.js';
import { openWebhooks } from '../../../fakes/webhooks.js';
import { realParser } from '../../../system/real-parser.js';

const CHAT = 'discord:1100000000000000001:1200000000000000002';

let stateDir = '';
let sdk: FakeAdapter;
let host: RecordingHost;
let clock: FakeClock;
let webhooks: ReturnType<typeof openWebhooks>;
let stop = async () => {};
beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'webhook-'));
  sdk = createFakeAdapter();
  host = createRecordingHost();
  clock = createFakeClock();
  webhooks = openWebhooks();
});
afterEach(async () => {
  await stop();
  rmSync(stateDir, { recursive: true });
});

async function start(special: Partial<ChatSdkPlatform> = {}) {
  const channel = createChatSdkChannel({
    facts: factsOf('discord'),
    deps: {
      env: () => ({ DISCORD_BOT_TOKEN: 'x' }),
      ...{ clock, log: silentLog, stateDir, webhooks, parser: realParser },
      random: () => 0,
    },
    connect: async () => ({
      adapter: sdk,
      redelivers: true,
      webhook: true,
      retake: async () => {},
      ...special,
    }),
  });
  stop = () => channel.stop();
  await channel.start(host);
  return channel;
}

/** What the adapter does with a request. */
function adapterDoes(work: (options: WebhookOptions) => void) {
  sdk.handleWebhook = async (_, options = {}) => {
    work(options);
    return new Response('taken', { status: 202 });
  };
}

const says = (id: string, options?: WebhookOptions) =>
  sdk.chat?.processMessage(sdk, CHAT, messageOf(id, `text ${id}`), options).catch(() => {});

const post = () => fetch(webhooks.url('discord'), { method: 'POST', body: '{}' });

test('the platform is answered as the adapter answers, once every event of the request is durable', async () => {
  adapterDoes((options) => {
    says('1', options);
    // An adapter that waits for nothing.
    says('2');
  });
  await start();
  const answer = await post();
  expect([answer.status, await answer.text()]).toEqual([202, 'taken']);
  expect(host.events.map((event) => event.messageId)).toEqual(['1', '2']);
});

test.each([
  ['that it waits for', true],
  ['that it does not wait for', false],
])('an event %s and that is not durable is 500, and comes again', async (_, waits) => {
  adapterDoes((options) => void says('1', waits ? options : undefined));
  await start();
  host.refuse(1);
  expect((await post()).status).toBe(500);
  expect((await post()).status).toBe(202);
  expect(host.events.map((event) => event.messageId)).toEqual(['1']);
});

test('a reaction that is not durable is 500, though the Chat SDK calls it a success', async () => {
  const { author: user } = messageOf('1', '');
  const emoji = defaultEmojiResolver.fromGChat('👍');
  const event = { adapter: sdk, threadId: CHAT, messageId: '1', user, emoji, rawEmoji: '👍', raw: {} };
  adapterDoes((options) => {
    sdk.chat?.processReaction({ ...event, added: true }, options);
  });
  await start();
  host.refuse(1);
  expect((await post()).status).toBe(500);
  expect((await post()).status).toBe(202);
  expect(host.events).toMatchObject([{ kind: 'reaction', text: '👍' }]);
});

test('what only the bridge tries again is answered when it is durable, and with 500 at a stop', async () => {
  adapterDoes((options) => void says('1', options));
  const channel = await start({ redelivers: false });
  host.refuse(1);
  const answer = post();
  await host.until(() => host.refused);
  await clock.advance(1000);
  expect((await answer).status).toBe(202);
  host.refuse(1000);
  const stopped = post();
  await host.until(() => host.refused > 1);
  await channel.stop();
  expect((await stopped).status).toBe(500);
});

test('an answer that is no success stands, and one that the adapter fails to give is 500', async () => {
  sdk.handleWebhook = async () => new Response('who are you?', { status: 401 });
  await start();
  expect((await post()).status).toBe(401);
  sdk.handleWebhook = async () => {
    throw new Error('not understood');
  };
  expect((await post()).status).toBe(500);
});

test('a platform may take its requests itself; it connects before it is called', async () => {
  const order: string[] = [];
  const channel = await start({
    async open() {
      order.push('opened');
      expect(webhooks.port()).toBeNull();
    },
    async webhook(request, options) {
      order.push(await request.text());
      says('1', options);
      return new Response('own');
    },
  });
  expect(channel.health()).toEqual({ state: 'connected' });
  expect(await (await post()).text()).toBe('own');
  expect(order).toEqual(['opened', '{}']);
  expect(host.events).toHaveLength(1);
  await channel.stop();
  expect(webhooks.port()).toBeNull();
});
