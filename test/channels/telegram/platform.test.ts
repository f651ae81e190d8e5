import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createChannelRegistry } from '../../../src/channels/registry/index.js';
import { telegram } from '../../../src/channels/telegram.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { openTelegram, type TelegramStage } from '../telegram.js';

let stage: TelegramStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openTelegram();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const group = () => stage.group ?? stage.direct;
const polls = () => stage.fake.http.bodies.filter((_, at) => stage.fake.http.requests[at] === 'getUpdates');

describe('what comes in', () => {
  test('what was said while the host was away comes at the next start, in order', async () => {
    for (const text of ['one', 'two', 'three']) stage.say(group(), text);
    await stage.adapter.start(host);
    await host.heard('three');
    expect(host.events.map((event) => event.text)).toEqual(['one', 'two', 'three']);
  });

  test('it is confirmed to Telegram only once it is durable', async () => {
    await stage.adapter.start(host);
    const receive = host.receive;
    let release = () => {};
    const begun = new Promise<void>((resolve) => {
      host.receive = async (event) => {
        resolve();
        await new Promise<void>((go) => {
          release = go;
        });
        return receive(event);
      };
    });
    stage.say(group(), 'slowly');
    await begun;
    const [update] = stage.fake.updates.open;
    const { update_id } = update ?? { update_id: 0 };
    expect(polls().every((poll) => poll.offset === undefined)).toBe(true);
    release();
    await host.heard('slowly');
    await stage.fake.http.until(() => polls().at(-1)?.offset === update_id + 1);
  });

  test('what a chat could not take in is on disk before Telegram forgets it, and comes after a restart', async () => {
    await stage.adapter.start(host);
    host.refuse(1000, (event) => event.platformId === group().platformId);
    stage.say(group(), 'stuck 1');
    stage.say(group(), 'stuck 2');
    stage.say(stage.direct, 'flows');
    await host.heard('flows');
    await stage.fake.http.until(() => stage.fake.updates.open.length === 0);
    await stage.adapter.stop();
    const later = createRecordingHost();
    await stage.again().start(later);
    await later.heard('stuck 2');
    expect(later.events.map((event) => event.text)).toEqual(['stuck 1', 'stuck 2']);
  });

  test('a group without topics has no threads, and its General topic none either', async () => {
    await stage.adapter.start(host);
    const message = stage.fake.say(stage.fake.world.family, 'an answer in a plain group');
    // As in a supergroup where messages answer each other.
    Object.assign(message, { message_thread_id: 41, is_topic_message: undefined });
    expect(await host.heard('an answer')).toMatchObject({ ...group(), threadId: '' });
    await stage.adapter.deliver(requestOf({ ...group(), threadId: '1' }, textPart('to General')));
    expect(stage.heard(group()).map((heard) => heard.text)).toEqual(['to General']);
  });

  test('a command is a message', async () => {
    await stage.adapter.start(host);
    const message = stage.fake.say(stage.fake.world.direct, '/stop now');
    message.entities = [{ type: 'bot_command', offset: 0, length: 5 }];
    expect(await host.heard('/stop')).toMatchObject({ kind: 'message', text: '/stop now' });
    expect(stage.fake.called('sendChatAction')).toBe(0);
  });

  test('the pictures of an album come at once, each with the name of the album', async () => {
    await stage.adapter.start(host);
    // The adapter's own gathering sleeps a second for each part, which would tear a long album apart.
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const files = ['a.txt', 'b.txt'].map((name) => [{ name, data: Buffer.from(name) }]);
    for (const [at, one] of files.entries()) {
      const message = stage.fake.say(stage.fake.world.direct, at === 0 ? 'my holidays' : '', { files: one });
      message.media_group_id = 'album';
    }
    await host.until(() => host.events.length === 2);
    const waits = timers.mock.calls.filter(([, ms]) => ms === 1000);
    timers.mockRestore();
    expect(waits).toEqual([]);
    expect(host.events.map(({ text, album }) => [text, album])).toEqual([
      ['my holidays', 'album'],
      ['', 'album'],
    ]);
    expect(host.events.flatMap(({ attachments }) => attachments.map((file) => file.name))).toEqual([
      'a.txt',
      'b.txt',
    ]);
  });

  test('an update that makes no sense disturbs nothing', async () => {
    await stage.adapter.start(host);
    stage.fake.updates.push({ message: { text: 5 } });
    stage.fake.updates.push({ callback_query: { id: 7 } });
    stage.say(group(), 'still here');
    await host.heard('still here');
    expect(host.events).toHaveLength(1);
  });

  test('a changed message is not a new one', async () => {
    await stage.adapter.start(host);
    stage.fake.updates.push({ edited_message: stage.fake.say(stage.fake.world.direct, 'said once') });
    stage.say(stage.direct, 'last');
    await host.heard('last');
    expect(host.events.map((event) => event.text)).toEqual(['said once', 'last']);
  });
});

describe('what goes out', () => {
  test('several files and a long text arrive, none of it cut', async () => {
    await stage.adapter.start(host);
    const files = Array.from({ length: 12 }, (_, at) => ({
      name: `${at}.txt`,
      mimeType: 'text/plain',
      data: Buffer.from(`file ${at}`),
    }));
    const text = 'word '.repeat(400).trim();
    await stage.adapter.deliver(requestOf(stage.direct, { type: 'text', text, files, replyTo: null }));
    const heard = stage.heard(stage.direct);
    expect(heard.flatMap((one) => one.files.map((file) => file.name))).toEqual(
      files.map((file) => file.name),
    );
    expect(heard.map((one) => one.text).filter(Boolean)).toEqual([text]);
  });

  test.each(['rate-limited', 'markup-refused'] as const)(
    'a file is not sent again when the text behind it was %s',
    async (fault) => {
      await stage.adapter.start(host);
      const files = [{ name: 'a.txt', mimeType: 'text/plain', data: Buffer.from('a') }];
      // Too long for a caption with its marks, short enough without.
      const text = `${'word '.repeat(195)}${'**x** '.repeat(20)}`.trim();
      const request = requestOf(stage.direct, { type: 'text', text, files, replyTo: null });
      const status = fault === 'rate-limited' ? 429 : 400;
      stage.fake.http.faults.next(/^sendMessage$/, {
        kind: 'answer',
        status,
        body: { ok: false, error_code: status, description: "can't parse entities" },
      });
      await stage.adapter.deliver(request).catch(() => stage.adapter.deliver(request));
      const heard = stage.heard(stage.direct);
      expect(heard.map((one) => [one.files.length, one.text !== ''])).toEqual([
        [1, false],
        [0, true],
      ]);
    },
  );

  test('an edit that changes nothing, and one of a caption', async () => {
    await stage.adapter.start(host);
    const edit = (messageId: string, text: string) =>
      stage.adapter.deliver(requestOf(stage.direct, { type: 'edit', messageId, text }));
    const said = await stage.adapter.deliver(requestOf(stage.direct, textPart('same')));
    await edit(said.messageIds[0] ?? '', 'same');
    const files = [{ name: 'a.txt', mimeType: 'text/plain', data: Buffer.from('a') }];
    const file = await stage.adapter.deliver(
      requestOf(stage.direct, { type: 'text', text: 'old', files, replyTo: null }),
    );
    await edit(file.messageIds[0] ?? '', 'new');
    expect(stage.heard(stage.direct).map((heard) => heard.text)).toEqual(['same', 'new']);
  });

  test('a group that became a supergroup is told with its new id, and what was to be said is tried again', async () => {
    await stage.adapter.start(host);
    const answer = {
      ok: false,
      error_code: 400,
      description: 'x',
      parameters: { migrate_to_chat_id: -100777 },
    };
    const files = [{ name: 'a.txt', mimeType: 'text/plain', data: Buffer.from('a') }];
    for (const some of [[], files]) {
      stage.fake.http.faults.next(/^send/, { kind: 'answer', status: 400, body: answer });
      const part = { type: 'text' as const, text: 'x', files: some, replyTo: null };
      await expect(stage.adapter.deliver(requestOf(group(), part))).rejects.toMatchObject({
        code: 'telegram-chat-moved',
        errorClass: 'transient',
      });
    }
    const move = { from: group().platformId, to: 'telegram:-100777' };
    expect(host.moves).toEqual([move, move]);
  });

  test('what was said before a group moved is not answered where it is now', async () => {
    await stage.adapter.start(host);
    await stage.adapter.deliver(requestOf(group(), textPart('said all the same', '-4518810793:7')));
    expect(stage.heard(group())).toMatchObject([{ text: 'said all the same', replyTo: null }]);
  });

  test('an answer that got lost in front of Telegram may have been said', async () => {
    await stage.adapter.start(host);
    stage.fake.http.faults.next(/^sendMessage$/, { kind: 'answer', status: 502, body: 'Bad Gateway' });
    await expect(stage.adapter.deliver(requestOf(group(), textPart('x')))).rejects.toMatchObject({
      errorClass: 'unknown',
    });
  });
});

describe('the connection', () => {
  test('a second program with the same bot is told, and it is tried again', async () => {
    const registry = createChannelRegistry({
      adapters: [stage.adapter],
      hostFor: () => host,
      clock: stage.clock,
      random: () => 0,
      log: createMemoryLog().log,
    });
    registry.start();
    await host.until(() => registry.status()[0]?.health.state === 'connected');
    await stage.fake.http.until(() => stage.fake.updates.asked);
    await fetch(`${stage.fake.http.origin()}/bot${stage.fake.token}/getUpdates`, { method: 'POST' });
    const failed = await host.until(() => {
      const { health } = registry.status()[0] ?? {};
      return health?.state === 'failed' && health;
    });
    expect(failed.detail).toContain('Another program');
    expect(failed.fix).toContain('Stop the other program');
    await host.until(() => registry.status()[0]?.nextTryAt ?? undefined);
    await stage.clock.advance(2000);
    await host.until(() => registry.status()[0]?.health.state === 'connected');
    await registry.stop();
  });

  test('a webhook that was left behind is taken away', async () => {
    stage.fake.webhook = true;
    stage.say(group(), 'at last');
    await stage.adapter.start(host);
    await host.heard('at last');
  });

  test('a chat is found by whatever a person can copy', async () => {
    await stage.adapter.start(host);
    const { platformId } = group();
    const found = { platformId, name: 'Family', isGroup: true };
    const bare = platformId.split(':')[1] ?? '';
    for (const given of [platformId, bare, `tg:${bare}`, '@family_chat', 'https://t.me/family_chat/12']) {
      expect(await stage.adapter.resolveChat?.(given)).toEqual(found);
    }
    expect(await stage.adapter.resolveChat?.('-100999')).toBeNull();
    expect(await stage.adapter.resolveChat?.(stage.direct.platformId)).toMatchObject({
      name: 'Ada',
      isGroup: false,
    });
  });

  test('no secret and no word of a chat is logged', async () => {
    const { log, lines } = createMemoryLog('trace');
    const { fake } = stage;
    const adapter = stage.logging(log);
    await adapter.start(host);
    stage.say(group(), 'confidential words', { mention: true });
    await host.heard('confidential');
    stage.fault('refused');
    await adapter.deliver(requestOf(group(), textPart('confidential answer'))).catch(() => {});
    await fake.http.goDown();
    await adapter.stop();
    await fake.http.comeUp();
    const text = JSON.stringify(lines);
    expect(text).not.toContain(fake.token);
    expect(text).not.toContain('confidential');
  });

  test('the token is checked with Telegram', async () => {
    const check = (token: string) =>
      telegram.checkCredentials(
        { env: () => ({ TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_URL: stage.fake.http.origin() }) },
        new AbortController().signal,
      );
    expect(await check(stage.fake.token)).toEqual([]);
    expect(await check('')).toMatchObject([{ message: 'It is missing.' }]);
    expect(await check('1:x')).toMatchObject([{ fix: expect.stringContaining('@BotFather') }]);
  });
});
