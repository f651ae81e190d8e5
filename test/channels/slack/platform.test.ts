import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { slack } from '../../../src/channels/slack.js';
import { createMemoryLog } from '../../fakes/log.js';
import { parsedIn } from '../contract/hostile.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { openSlack, type SlackStage } from '../slack.js';

let stage: SlackStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openSlack();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const group = () => stage.group ?? stage.direct;
const general = () => stage.fake.world.general;
const cursorAt = (lastMessageId: string) =>
  host.setCursors([{ platformId: group().platformId, lastMessageId, lastAt: 0 }]);

describe('what comes in', () => {
  test('it is acknowledged only once it is durable, and what Slack repeats is one event', async () => {
    await stage.adapter.start(host);
    host.refuse(1);
    stage.say(group(), 'important');
    await host.until(() => host.refused === 1);
    stage.fake.socket.repeat();
    expect(stage.fake.socket.acknowledged).toEqual([]);
    await stage.clock.advance(2000);
    await host.heard('important');
    stage.say(group(), 'next');
    await host.heard('next');
    expect(host.events.map((event) => event.text)).toEqual(['important', 'next']);
    expect(stage.fake.socket.acknowledged).toContain('e1');
  });

  test('a mention comes as two events of Slack, and once to the host', async () => {
    await stage.adapter.start(host);
    stage.say(group(), 'hello', { mention: true });
    stage.say(group(), 'last');
    await host.heard('last');
    expect(host.events.map((event) => [event.text, event.mentioned])).toEqual([
      ['@Wharfie Bot hello', true],
      ['last', false],
    ]);
  });

  test('many messages at once keep their order, mentions among them', async () => {
    await stage.adapter.start(host);
    const texts = Array.from({ length: 30 }, (_, at) => `message ${at}`);
    for (const [at, text] of texts.entries()) stage.say(group(), text, { mention: at % 3 === 0 });
    await host.heard('message 29');
    expect(host.events.map((event) => event.text.replace('@Wharfie Bot ', ''))).toEqual(texts);
  });

  test('ids in the text become names, and the markup Markdown', async () => {
    await stage.adapter.start(host);
    const { ada } = stage.fake.world;
    stage.say(group(), `<@${ada.id}> is *this* ~old~ <https://example.com|yours> &amp; <#${general()}>?`);
    expect((await host.heard('yours')).text).toBe(
      `@Ada is **this** ~~old~~ [yours](https://example.com) & #general?`,
    );
  });

  test('what Slack itself says is for nobody, and what cannot be read is left out', async () => {
    await stage.adapter.start(host);
    const event = { type: 'message', channel: general(), ts: '1700000000.000001', text: 'has joined' };
    for (const subtype of ['channel_join', 'message_changed', 'message_deleted']) {
      stage.fake.socket.dispatch('events_api', { event: { ...event, subtype } });
    }
    stage.fake.socket.dispatch('events_api', { event: 'no event' });
    stage.fake.socket.dispatch('interactive', { type: 'view_submission' });
    stage.say(group(), 'said');
    await host.heard('said');
    expect(host.events.map(({ kind }) => kind)).toEqual(['service', 'message']);
  });

  test('a reaction in a thread is told with its thread', async () => {
    await stage.adapter.start(host);
    const thread = stage.thread();
    const { messageIds } = await stage.adapter.deliver(requestOf(thread, textPart('seen?')));
    stage.react(thread, messageIds[0] ?? '', '👀');
    expect(await host.heard('👀')).toMatchObject({ ...thread, kind: 'reaction' });
  });

  test('an attachment is fetched from Slack only', async () => {
    await stage.adapter.start(host);
    const message = stage.fake.say(general(), 'look', {
      files: [{ name: 'a', data: Buffer.from('a') }],
      unheard: true,
    });
    const urls = ['http://127.0.0.1:9/secret', `${stage.fake.apiUrl}conversations.history?channel=C1`];
    const files = message.files?.flatMap((file) => urls.map((url_private) => ({ ...file, url_private })));
    stage.fake.socket.dispatch('events_api', { event: { ...message, files, channel_type: 'channel' } });
    const { attachments } = await host.heard('look');
    expect(attachments).toHaveLength(2);
    for (const file of attachments) await expect(file.open()).rejects.toThrow('does not lie with Slack');
  });
});

describe('what an app attaches to a message without a text', () => {
  const dispatch = (event: object) =>
    stage.fake.socket.dispatch('events_api', {
      event: { type: 'message', subtype: 'bot_message', channel: general(), bot_id: 'B9', ...event },
    });

  test('is read, and handed on in words', async () => {
    await stage.adapter.start(host);
    const text = '*Disk* is at <https://example.org/disk|90 %>';
    dispatch({ ts: '1700000000.000001', text: '', attachments: [{ text, mrkdwn_in: ['text'] }] });
    expect((await host.heard('Disk')).text).toBe('**Disk** is at [90 %](https://example.org/disk)');
  });

  test.each([
    ['many quotations', '&gt;'.repeat(900), '>'.repeat(900)],
    ['many lines', `${'=\n'.repeat(1500)}end`, 'end'],
    ['a long text', `*end* ${'word '.repeat(2000)}`, '**end** word'],
    ['many ticks', `${'`a'.repeat(600)} *end*`, '`a *end*'],
  ])('stays as it is where it is made to be read for long: %s', async (_, text, part) => {
    await stage.adapter.start(host);
    const attachments = [{ text, mrkdwn_in: ['text'] }];
    const parsed = await parsedIn(async () => {
      dispatch({ ts: '1700000000.000001', text: '', attachments });
      await host.heard(part);
    });
    expect(parsed.filter((one) => one !== '')).toEqual([]);
  });

  test('no more than so much of one message is read, in however many parts', async () => {
    await stage.adapter.start(host);
    const attachments = Array.from({ length: 100 }, (_, at) => ({
      text: `${'word '.repeat(40)}${at}.`,
      mrkdwn_in: ['text'],
    }));
    const parsed = await parsedIn(async () => {
      dispatch({ ts: '1700000000.000001', text: '', attachments });
      await host.heard('99.');
    });
    expect(parsed.join('').length).toBeLessThanOrEqual(4000);
  });
});

test('a text of tokens and ticks stays as it is, and a mention in it is still one', async () => {
  await stage.adapter.start(host);
  const { bot } = stage.fake.world;
  const lookUps = () => stage.fake.http.requests.filter((name) => name.includes('users.info')).length;
  const tests = vi.spyOn(RegExp.prototype, 'test');
  stage.say(group(), `<@${bot.id}> ${'<@U1|'.repeat(2000)} end`);
  const event = await host.heard('end');
  // Each `<@U1|` is followed to the end of the text.
  const looked = tests.mock.contexts.filter((one, at) => {
    return String(one).includes(`<@!?${bot.id}`) && String(tests.mock.calls[at]).length > 5000;
  });
  tests.mockRestore();
  expect(looked.filter((one) => String(one).includes('[^>]*'))).toEqual([]);
  expect(event.mentioned).toBe(true);
  expect(event.text).toBe(`<@${bot.id}> ${'<@U1|'.repeat(2000)} end`);
  const before = lookUps();
  stage.say(group(), `${Array.from({ length: 600 }, (_, at) => `<@U${at}>`).join(' ')} &lt;last`);
  expect((await host.heard('last')).mentioned).toBe(false);
  // Whoever is named is not asked after one by one: only who wrote it.
  expect(lookUps() - before).toBeLessThanOrEqual(1);
});

describe('what goes out', () => {
  test('nobody calls a whole channel on an agent’s word, formatted or plain', async () => {
    await stage.adapter.start(host);
    await stage.adapter.deliver(requestOf(group(), textPart('<!channel> *wake* <!here|here>')));
    stage.fault('markup-refused');
    await stage.adapter.deliver(requestOf(group(), textPart('<!everyone> & all')));
    const [formatted, plain] = stage.fake.said(general());
    expect(formatted?.markdown).toBe('@channel *wake* @here');
    expect(plain?.text).toBe('&lt;!everyone&gt; &amp; all');
  });

  test('a file whose sharing got no answer is found by its name', async () => {
    await stage.adapter.start(host);
    const files = [{ name: 'chart.png', mimeType: 'image/png', data: Buffer.from('png') }];
    const request = requestOf(stage.direct, { type: 'text', text: 'the **chart**', files, replyTo: null });
    const sentAt = stage.clock.now();
    stage.fake.http.faults.next(/^files\.completeUploadExternal$/, { kind: 'cut', done: true });
    await expect(stage.adapter.deliver(request)).rejects.toMatchObject({ errorClass: 'unknown' });
    const [heard] = stage.heard(stage.direct);
    expect(heard?.text).toBe('the *chart*');
    expect(await stage.adapter.findSent?.(request, sentAt)).toEqual({ messageIds: [heard?.id] });
  });

  test('a file is not shared again when the long text behind it had to wait', async () => {
    await stage.adapter.start(host);
    const files = [{ name: 'chart.png', mimeType: 'image/png', data: Buffer.from('png') }];
    const text = 'word '.repeat(900).trim();
    const request = requestOf(stage.direct, { type: 'text', text, files, replyTo: null });
    stage.fake.http.faults.next(/^chat\.postMessage$/, {
      kind: 'answer',
      status: 429,
      body: { ok: false, error: 'ratelimited' },
    });
    await expect(stage.adapter.deliver(request)).rejects.toMatchObject({ errorClass: 'rate-limited' });
    await stage.adapter.deliver(request);
    expect(stage.heard(stage.direct).map((heard) => heard.files.length)).toEqual([1, 0]);
  });

  test('a missing scope is named', async () => {
    await stage.adapter.start(host);
    stage.fake.http.faults.next(/^chat\.postMessage$/, {
      kind: 'answer',
      status: 200,
      body: { ok: false, error: 'missing_scope', needed: 'chat:write' },
    });
    await expect(stage.adapter.deliver(requestOf(group(), textPart('x')))).rejects.toMatchObject({
      code: 'slack-missing-scope',
      fix: expect.stringContaining('chat:write'),
    });
  });

  test('a reaction that is there already is no failure', async () => {
    await stage.adapter.start(host);
    const { messageIds } = await stage.adapter.deliver(requestOf(group(), textPart('x')));
    const part = { type: 'reaction', messageId: messageIds[0] ?? '', emoji: '👍' } as const;
    for (let time = 0; time < 2; time += 1) await stage.adapter.deliver(requestOf(group(), part));
    expect(stage.heard(group())[0]?.reactions).toEqual(['👍']);
  });
});

describe('the connection', () => {
  test('when Slack asks for a new one, it is made at once', async () => {
    await stage.adapter.start(host);
    stage.fake.socket.disconnect({ reason: 'refresh_requested' });
    await host.until(() => stage.adapter.health().state === 'connecting');
    await host.until(() => stage.adapter.health().state === 'connected');
  });

  test('socket mode that is switched off is told with its switch', async () => {
    await stage.adapter.start(host);
    stage.fake.socket.disconnect({ reason: 'link_disabled' });
    await host.until(() => stage.adapter.health().state === 'failed');
    expect(stage.adapter.health()).toMatchObject({ fix: expect.stringContaining('Socket Mode') });
  });

  test('a refused app-level token is told apart from the bot token', async () => {
    stage.fake.appToken = 'xapp-another';
    await expect(stage.adapter.start(host)).rejects.toMatchObject({ code: 'slack-token-refused' });
    expect(stage.adapter.health()).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('app-level'),
    });
  });

  test('a connection that has gone silent is made again', async () => {
    await stage.adapter.start(host);
    await stage.clock.advance(100_000);
    await host.until(() => stage.adapter.health().state === 'connecting');
    await host.until(() => stage.adapter.health().state === 'connected');
  });

  test('a thread that began long ago and went on is read too', async () => {
    const thread = stage.thread();
    const known = stage.say(group(), 'known', { unheard: true });
    stage.say(thread, 'late reply', { unheard: true });
    cursorAt(known);
    await stage.adapter.start(host);
    expect(await host.heard('late reply')).toMatchObject({ ...thread });
  });

  test('the history of a chat in which nothing was taken in yet is read from its wiring on', async () => {
    stage.say(group(), 'before it was wired', { unheard: true });
    await stage.clock.advance(60_000);
    const wiredAt = stage.clock.now();
    await stage.clock.advance(60_000);
    stage.say(group(), 'missed', { unheard: true });
    host.setCursors([{ platformId: group().platformId, lastMessageId: null, lastAt: wiredAt }]);
    await stage.adapter.start(host);
    await host.heard('missed');
    expect(host.events.map((event) => event.text)).toEqual(['missed']);
  });

  test('more than one page of history is read to its end, in order', async () => {
    const known = stage.say(group(), 'known', { unheard: true });
    for (let at = 0; at < 450; at += 1) stage.say(group(), `missed ${at}`, { unheard: true });
    cursorAt(known);
    await stage.adapter.start(host);
    await host.heard('missed 449');
    const texts = Array.from({ length: 450 }, (_, at) => `missed ${at}`);
    expect(host.events.map((event) => event.text)).toEqual(texts);
  });

  test('a chat is found by whatever a person can copy', async () => {
    await stage.adapter.start(host);
    const found = { platformId: group().platformId, name: '#general', isGroup: true };
    for (const given of [
      general(),
      `slack:${general()}`,
      `https://team.slack.com/archives/${general()}/p17`,
    ]) {
      expect(await stage.adapter.resolveChat?.(given)).toEqual(found);
    }
    expect(await stage.adapter.resolveChat?.('C0NOTTHERE1')).toBeNull();
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
    await adapter.stop();
    const text = JSON.stringify(lines);
    for (const secret of [fake.botToken, fake.appToken, 'confidential', 'ticket=']) {
      expect(text).not.toContain(secret);
    }
  });

  test('both tokens are checked with Slack', async () => {
    const check = (env: Record<string, string>) =>
      slack.checkCredentials(
        {
          env: () => ({
            SLACK_BOT_TOKEN: stage.fake.botToken,
            SLACK_APP_TOKEN: stage.fake.appToken,
            SLACK_API_URL: stage.fake.apiUrl,
            ...env,
          }),
        },
        new AbortController().signal,
      );
    expect(await check({})).toEqual([]);
    expect(await check({ SLACK_APP_TOKEN: '' })).toMatchObject([
      { name: expect.stringContaining('SLACK_SIGNING_SECRET') },
    ]);
    const webhook = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'f'.repeat(32) };
    expect(await check(webhook)).toEqual([]);
    expect(await check({ SLACK_BOT_TOKEN: 'xoxb-wrong' })).toMatchObject([{ name: 'SLACK_BOT_TOKEN' }]);
  });
});
