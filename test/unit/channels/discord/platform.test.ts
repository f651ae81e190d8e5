import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { discord } from '../../../../src/channels/discord.js';
import { createChannelRegistry } from '../../../../src/channels/registry/index.js';
import {
  createRecordingHost,
  type RecordingHost,
  requestOf,
  textPart,
} from '../../../channels/contract/stage.js';
import { type DiscordStage, openDiscord } from '../../../channels/discord.js';
import { createMemoryLog } from '../../../fakes/log.js';

let stage: DiscordStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openDiscord();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const general = () => stage.fake.world.general;
const group = () => {
  if (!stage.group) throw new Error('no group');
  return stage.group;
};

describe('what comes in', () => {
  test('ids in the text become names, and Markdown stays', async () => {
    await stage.adapter.start(host);
    stage.fake.say(general(), 'is **this** <:parrot:123> yours?', { mention: true });
    expect((await host.heard('yours?')).text).toBe('@wharfie bot is **this** :parrot: yours?');
  });

  test('a mention opens no thread, and nothing is asked of Discord for it', async () => {
    await stage.adapter.start(host);
    stage.fake.say(general(), 'hey', { mention: true });
    await host.heard('hey');
    expect(stage.fake.requests).toEqual(['GET /users/@me', 'GET /gateway/bot']);
  });

  test('what the platform itself says is for nobody', async () => {
    await stage.adapter.start(host);
    const joined = { ...stage.fake.say(general(), 'joined', { unheard: true }), type: 7 };
    stage.fake.gateway.dispatch('MESSAGE_CREATE', joined);
    stage.fake.say(general(), 'said');
    await host.heard('said');
    expect(host.events.map(({ kind }) => kind)).toEqual(['service', 'message']);
  });

  test('a packet that makes no sense disturbs nothing', async () => {
    await stage.adapter.start(host);
    for (const type of ['MESSAGE_CREATE', 'INTERACTION_CREATE', 'MESSAGE_REACTION_ADD', 'NEWER_THAN_US']) {
      stage.fake.gateway.dispatch(type, { id: 5, author: null });
    }
    stage.fake.say(general(), 'still here');
    await host.heard('still here');
  });

  test('a message waits for its place when Discord cannot be asked for it just now', async () => {
    await stage.adapter.start(host);
    // As often as the library itself asks.
    for (let at = 0; at < 4; at += 1) {
      stage.fake.faults.next(/^GET \/channels\//, { kind: 'answer', status: 503, body: { message: 'x' } });
    }
    stage.fake.say(stage.fake.world.direct, 'first');
    stage.fake.say(stage.fake.world.direct, 'second');
    stage.fake.say(general(), 'elsewhere');
    await host.heard('elsewhere');
    await stage.fake.until(
      () => stage.fake.requests.filter((one) => one.startsWith('GET /channels/')).length >= 4,
    );
    for (let at = 0; at < 10; at += 1) await stage.clock.advance(1000);
    await host.heard('second');
    expect(host.events.map((event) => event.text)).toEqual(['elsewhere', 'first', 'second']);
  });

  test('a click is confirmed to Discord only once it is durable', async () => {
    await stage.adapter.start(host);
    const options = [{ label: 'Yes', value: 'yes' }];
    const part = { type: 'question', questionId: 'q_2', title: '', question: 'Sure?', options } as const;
    await stage.adapter.deliver(requestOf(group(), { ...part, options }));
    const [question] = stage.fake.said(general().id);
    if (!question) throw new Error('no question');
    host.refuse(1);
    const id = stage.fake.click(question, stage.fake.world.ada, 'Yes');
    const confirmed = () => stage.fake.requests.some((request) => request.includes(`/interactions/${id}/`));
    await host.until(() => host.refused === 1);
    expect(confirmed()).toBe(false);
    await stage.clock.advance(1000);
    await stage.fake.until(confirmed);
    expect(host.events).toMatchObject([{ kind: 'click', text: 'yes', messageId: `click:${id}` }]);
  });

  test('an attachment is fetched from Discord only', async () => {
    await stage.adapter.start(host);
    const message = stage.fake.say(general(), 'look', {
      files: [{ name: 'a', data: Buffer.from('a') }],
      unheard: true,
    });
    const attachments = message.attachments.map((file) => ({ ...file, url: 'http://127.0.0.1:9/secret' }));
    stage.fake.gateway.dispatch('MESSAGE_CREATE', {
      ...message,
      attachments,
      guild_id: stage.fake.world.guildId,
    });
    const [file] = (await host.heard('look')).attachments;
    await expect(file?.open()).rejects.toThrow('does not lie with Discord');
  });
});

describe('what goes out', () => {
  test('each message carries its key, and nobody but people named by id is notified', async () => {
    await stage.adapter.start(host);
    const request = requestOf(group(), textPart('@everyone wake up'), { key: 'the-key' });
    const first = await stage.adapter.deliver(request);
    const again = await stage.adapter.deliver(request);
    expect(again).toEqual(first);
    expect(stage.fake.said(general().id)).toMatchObject([{ nonce: 'the-key', content: '@everyone wake up' }]);
    expect(stage.fake.bodies.at(-1)).toMatchObject({
      allowed_mentions: { parse: ['users'] },
      enforce_nonce: true,
    });
  });

  test('an upload carries its key too', async () => {
    await stage.adapter.start(host);
    const files = [{ name: 'a.txt', mimeType: 'text/plain', data: Buffer.from('a') }];
    const part = { type: 'text', text: '', files, replyTo: null } as const;
    const request = requestOf(group(), { ...part, files });
    stage.fault('cut-after');
    await expect(stage.adapter.deliver(request)).rejects.toMatchObject({ errorClass: 'unknown' });
    await stage.adapter.deliver(request);
    expect(stage.fake.said(general().id)).toHaveLength(1);
  });

  test('an edit that is too long is refused as such, and one whose answer is lost may be done again', async () => {
    await stage.adapter.start(host);
    const { messageIds } = await stage.adapter.deliver(requestOf(group(), textPart('a')));
    const edit = (text: string) =>
      stage.adapter.deliver(requestOf(group(), { type: 'edit', messageId: messageIds[0] ?? '', text }));
    await expect(edit('word '.repeat(500))).rejects.toMatchObject({ code: 'discord-edit-too-long' });
    stage.fake.faults.next(/^PATCH/, { kind: 'cut', done: true });
    await expect(edit('b')).rejects.toMatchObject({ errorClass: 'transient' });
  });

  test('a card that Discord refuses is said as text', async () => {
    await stage.adapter.start(host);
    stage.fake.faults.next(/^POST .*messages$/, {
      kind: 'answer',
      status: 400,
      body: { code: 50035, message: 'Invalid Form Body' },
    });
    const card = { title: 'T', text: 'x' };
    await stage.adapter.deliver(requestOf(group(), { type: 'card', card, fallbackText: 'plain words' }));
    expect(stage.fake.said(general().id).map((message) => message.content)).toEqual(['plain words']);
  });
});

describe('the connection', () => {
  test('a switched-off intent is named with its switch', async () => {
    stage.fake.gateway.refuse(4014);
    await expect(stage.adapter.start(host)).rejects.toMatchObject({ code: 'discord-session-refused' });
    expect(stage.adapter.health()).toMatchObject({
      state: 'failed',
      fix: expect.stringContaining('Message Content Intent'),
    });
  });

  test('a chat whose history is closed is passed over, and the others are read', async () => {
    const { world } = stage.fake;
    const missed = stage.fake.say(world.direct, 'missed', { unheard: true });
    const cursors = [group(), stage.direct].map(({ platformId }) => ({
      platformId,
      lastMessageId: String(BigInt(missed.id) - 1n),
      lastAt: 0,
    }));
    host.setCursors(cursors);
    stage.fake.faults.next(new RegExp(`^GET /guilds/${world.guildId}/threads/active`), {
      kind: 'answer',
      status: 403,
      body: { code: 50001, message: 'Missing Access' },
    });
    await stage.adapter.start(host);
    await host.heard('missed');
    stage.fake.say(general(), 'now');
    await host.heard('now');
  });

  test('a thread that was archived meanwhile is read too', async () => {
    const known = stage.fake.say(general(), 'known', { unheard: true });
    const thread = stage.fake.thread(general(), 'quiet');
    stage.fake.say(thread, 'from the archive', { unheard: true });
    thread.archived = true;
    host.setCursors([{ platformId: group().platformId, lastMessageId: known.id, lastAt: 0 }]);
    await stage.adapter.start(host);
    expect(await host.heard('from the archive')).toMatchObject({ ...group(), threadId: thread.id });
  });

  test('a chat that has never been heard is read from the moment at which it was wired', async () => {
    stage.fake.say(general(), 'before it was wired', { unheard: true });
    await stage.clock.advance(1000);
    host.setCursors([{ platformId: group().platformId, lastMessageId: null, lastAt: stage.clock.now() }]);
    stage.fake.say(general(), 'after it', { unheard: true });
    await stage.adapter.start(host);
    await host.heard('after it');
    expect(host.events.map((event) => event.text)).toEqual(['after it']);
  });

  test('more than one page of history is read to its end, in order', async () => {
    const known = stage.fake.say(general(), 'known', { unheard: true });
    for (let at = 0; at < 250; at += 1) stage.fake.say(general(), `missed ${at}`, { unheard: true });
    host.setCursors([{ platformId: group().platformId, lastMessageId: known.id, lastAt: 0 }]);
    await stage.adapter.start(host);
    await host.heard('missed 249');
    expect(host.events.map((event) => event.text)).toEqual(
      Array.from({ length: 250 }, (_, at) => `missed ${at}`),
    );
  });

  test('a chat is found by whatever a person can copy', async () => {
    await stage.adapter.start(host);
    const { guildId } = stage.fake.world;
    const thread = stage.fake.thread(general(), 'aside');
    const found = { platformId: group().platformId, name: '#general', isGroup: true };
    for (const given of [
      general().id,
      `dc:${general().id}`,
      group().platformId,
      `https://discord.com/channels/${guildId}/${general().id}`,
      thread.id,
    ]) {
      expect(await stage.adapter.resolveChat?.(given)).toEqual(found);
    }
    expect(await stage.adapter.resolveChat?.('1100000000000000009')).toBeNull();
  });

  test('no secret and no word of a chat is logged', async () => {
    const { log, lines } = createMemoryLog('trace');
    const { fake, clock } = stage;
    const adapter = stage.logging(log);
    const registry = createChannelRegistry({
      adapters: [adapter],
      hostFor: () => host,
      clock,
      random: () => 0,
      log,
    });
    registry.start();
    await host.until(() => adapter.health().state === 'connected');
    fake.say(general(), 'confidential words', { mention: true });
    await host.heard('confidential');
    stage.fault('refused');
    await adapter.deliver(requestOf(group(), textPart('confidential answer'))).catch(() => {});
    await registry.stop();
    const text = JSON.stringify(lines);
    expect(text).toContain('channel connected');
    expect(text).not.toContain(fake.token);
    expect(text).not.toContain('confidential');
  });
});

describe('credentials', () => {
  const check = (env: Record<string, string>) =>
    discord.checkCredentials(
      { env: () => ({ DISCORD_BOT_TOKEN: stage.fake.token, DISCORD_API_URL: stage.fake.apiUrl, ...env }) },
      new AbortController().signal,
    );

  test('are asked of Discord', async () => {
    expect(await check({})).toEqual([]);
    expect(await check({ DISCORD_BOT_TOKEN: '' })).toMatchObject([{ message: 'It is missing.' }]);
    expect(await check({ DISCORD_BOT_TOKEN: 'wrong' })).toMatchObject([{ name: 'DISCORD_BOT_TOKEN' }]);
    expect(await check({ DISCORD_APPLICATION_ID: '1100000000000000009' })).toMatchObject([
      { name: 'DISCORD_APPLICATION_ID', fix: `Set DISCORD_APPLICATION_ID=${stage.fake.world.bot.id}` },
    ]);
  });
});
