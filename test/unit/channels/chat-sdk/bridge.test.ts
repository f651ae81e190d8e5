import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ChannelAdapter, ChannelError } from '../../../../src/channels/adapter.js';
import { factsOf } from '../../../../src/channels/catalog/index.js';
import { createChatSdkChannel } from '../../../../src/channels/chat-sdk/index.js';
import type { ChatSdkPlatform, ConnectContext } from '../../../../src/channels/chat-sdk/platform.js';
import type { Webhooks } from '../../../../src/channels/webhooks/index.js';
import {
  createRecordingHost,
  type RecordingHost,
  requestOf,
  textPart,
} from '../../../channels/contract/stage.js';
import { createFakeAdapter, type FakeAdapter, messageOf } from '../../../fakes/chat-adapter.js';
import { createFakeClock } from '../../../fakes/clock.js';
import { silentLog } from '../../../fakes/log.js';
import { noWebhooks } from '../../../fakes/webhooks.js';
import { realParser } from '../../../system/real-parser.js';

const CHAT = 'discord:1100000000000000001:1200000000000000002';
const to = { channelType: 'discord', platformId: CHAT, threadId: '' };

const clock = createFakeClock();
let stateDir = '';
let sdk: FakeAdapter;
let host: RecordingHost;
let context: ConnectContext | null = null;

/** A channel that leaves everything to the bridge, but for what `special` says. */
function channelOf(special: Partial<ChatSdkPlatform> = {}, webhooks: Webhooks = noWebhooks): ChannelAdapter {
  return createChatSdkChannel({
    facts: factsOf('discord'),
    deps: {
      env: () => ({ DISCORD_BOT_TOKEN: 'x' }),
      clock,
      random: () => 0,
      log: silentLog,
      stateDir,
      webhooks,
      parser: realParser,
    },
    async connect(given) {
      context = given;
      return { adapter: sdk, redelivers: true, retake: async () => {}, ...special };
    },
  });
}

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'bridge-'));
  sdk = createFakeAdapter();
  host = createRecordingHost();
});
afterEach(() => rmSync(stateDir, { recursive: true }));

describe('a channel that is only an adapter', () => {
  test.each([true, false])(
    'sets aside what comes from a chat whose id has no known form, and goes on (sent again by the platform: %s)',
    async (redelivers) => {
      const channel = channelOf({ redelivers });
      await channel.start(host);
      const bad = sdk.chat?.handleIncomingMessage(
        sdk,
        'discord:new!form:1',
        messageOf('4', 'lost?', { mention: true }),
      );
      while (host.unreadable.length < 3) await clock.advance(1000);
      await bad;
      await sdk.chat?.handleIncomingMessage(sdk, CHAT, messageOf('5', 'hi', { mention: true }));
      await host.until(() => host.events.length > 0);
      expect(host.events.map((event) => event.messageId)).toEqual(['5']);
      expect(host.unreadable).toHaveLength(3);
      expect(host.unreadable[0]).toMatchObject({ platformMessageId: '4', platformId: 'discord:new!form:1' });
      await channel.stop();
    },
  );

  test('gets messages as events: chat, thread, name, sender, files', async () => {
    const channel = channelOf();
    await channel.start(host);
    await sdk.chat?.handleIncomingMessage(sdk, `${CHAT}:77`, messageOf('5', 'hi', { mention: true }));
    expect(host.events).toMatchObject([
      {
        ...to,
        threadId: '77',
        messageId: '5',
        chatName: 'the chat',
        isGroup: true,
        mentioned: true,
        sender: { id: 'discord:u1', name: 'Ada' },
        at: 1000,
      },
    ]);
    const [file] = host.events[0]?.attachments ?? [];
    expect(file && (await text(await file.open()))).toBe('bytes');
    await channel.stop();
  });

  test('a second message during the first is not thrown away, and neither is one that comes twice', async () => {
    const channel = channelOf();
    await channel.start(host);
    const come = (id: string) => sdk.chat?.handleIncomingMessage(sdk, CHAT, messageOf(id, id));
    await Promise.all([come('1'), come('2'), come('2')]);
    expect(host.events.map((event) => event.messageId)).toEqual(['1', '2', '2']);
    await channel.stop();
  });

  test('where the platform delivers again, it is told that an event was not durable', async () => {
    const channel = channelOf();
    await channel.start(host);
    host.refuse(1);
    const come = () => sdk.chat?.handleIncomingMessage(sdk, CHAT, messageOf('1', 'again'));
    await expect(come()).rejects.toThrow('disk is full');
    await come();
    expect(host.events).toHaveLength(1);
    await channel.stop();
  });

  test('says text in a chat or a thread, as Markdown', async () => {
    const channel = channelOf();
    await channel.start(host);
    await channel.deliver(requestOf(to, textPart('**hi**')));
    await channel.deliver(requestOf({ ...to, threadId: '77' }, textPart('there')));
    expect(sdk.posted).toMatchObject([
      [CHAT, { markdown: '**hi**' }],
      [`${CHAT}:77`, { markdown: 'there' }],
    ]);
    await channel.stop();
  });

  test('says plainly what its platform refuses in its markup', async () => {
    const refused = new ChannelError('x-markup-refused', 'cannot parse', 'plain', {
      errorClass: 'permanent',
    });
    const channel = channelOf({ classify: (error) => (error === 'parse' ? refused : null) });
    await channel.start(host);
    sdk.failWith = 'parse';
    await channel.deliver(requestOf(to, textPart('half *bold')));
    expect(sdk.posted).toMatchObject([[CHAT, { raw: 'half *bold' }]]);
    await channel.stop();
  });

  test('splits the text of a card that is refused, each part with a key of its own', async () => {
    const keys: (string | undefined)[] = [];
    const post = sdk.postMessage;
    sdk.postMessage = (threadId, message) => {
      keys.push(context?.delivery.getStore()?.idempotencyKey);
      return post(threadId, message);
    };
    const channel = channelOf();
    await channel.start(host);
    const part = { type: 'card', card: { html: 1 }, fallbackText: 'word '.repeat(900) } as const;
    const { messageIds } = await channel.deliver(requestOf(to, part, { key: 'first' }));
    expect(messageIds).toEqual(['m1', 'm2', 'm3']);
    // Were it the first one's, that one alone would settle the whole when a later answer is lost.
    expect(keys.at(-1)).toBe('first');
    expect(new Set(keys).size).toBe(3);
    expect(keys.every((key) => key !== undefined && key.length <= 24)).toBe(true);
    await channel.stop();
  });

  test('goes on in the middle of such a text when the platform made it wait there', async () => {
    const post = sdk.postMessage;
    let count = 0;
    sdk.postMessage = async (threadId, message) => {
      count += 1;
      if (count === 2) throw Object.assign(new Error('slow down'), { name: 'AdapterRateLimitError' });
      return post(threadId, message);
    };
    const channel = channelOf();
    await channel.start(host);
    const part = { type: 'card', card: { html: 1 }, fallbackText: 'word '.repeat(900) } as const;
    const request = requestOf(to, part);
    await expect(channel.deliver(request)).rejects.toMatchObject({ errorClass: 'rate-limited' });
    expect((await channel.deliver(request)).messageIds).toEqual(['m1', 'm2', 'm3']);
    expect(sdk.posted).toHaveLength(3);
    await channel.stop();
  });

  test('a failing typing indicator disturbs nobody', async () => {
    const channel = channelOf();
    await channel.start(host);
    await expect(channel.setTyping(to)).resolves.toBeUndefined();
    await channel.stop();
    await expect(channel.setTyping(to)).resolves.toBeUndefined();
  });
});

describe('starting and stopping', () => {
  test('a missing package is named with the step that installs it', async () => {
    const channel = createChatSdkChannel({
      facts: factsOf('discord'),
      deps: {
        env: () => ({ DISCORD_BOT_TOKEN: 'x' }),
        clock: createFakeClock(),
        random: () => 0,
        log: silentLog,
        stateDir,
        parser: realParser,
        webhooks: noWebhooks,
      },
      connect: async () => {
        throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
      },
    });
    await expect(channel.start(host)).rejects.toMatchObject({
      code: 'channel-package-missing',
      fix: expect.stringContaining('--enable discord'),
    });
    await channel.stop();
  });

  test('a stop while connecting ends that connection', async () => {
    let closed = 0;
    const channel = channelOf({
      open: () =>
        new Promise((_, reject) => {
          context?.signal.addEventListener('abort', () => reject(new Error('stopped')));
          queueMicrotask(() => void channel.stop());
        }),
      close: async () => {
        closed += 1;
      },
    });
    await expect(channel.start(host)).rejects.toThrow('stopped');
    await channel.stop();
    expect(closed).toBe(1);
  });

  test('what an ended connection still tells is not listened to', async () => {
    const channel = channelOf();
    await channel.start(host);
    const ended = context;
    await channel.stop();
    await channel.start(host);
    ended?.disconnected({ state: 'failed', detail: 'late', fix: '-' });
    expect(channel.health()).toEqual({ state: 'connected' });
    await channel.stop();
  });
});
