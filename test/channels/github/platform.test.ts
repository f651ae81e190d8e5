import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyMark } from '../../../src/channels/github/adapter.js';
import { github } from '../../../src/channels/github.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { type GitHubStage, idOf, openGitHub } from '../github.js';

const BOATS = 'Ada/Boats';

let stage: GitHubStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openGitHub();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const group = () => stage.group ?? stage.direct;

test('an image that only comes about where the texts of a card are put together is none', async () => {
  await stage.adapter.start(host);
  const fields = [{ label: '`', value: '`![a](https://e.example)`' }];
  const part = { type: 'card', card: { title: 'Look', fields }, fallbackText: 'Look' } as const;
  await stage.adapter.deliver(requestOf(group(), part));
  expect(stage.fake.world.comments.at(-1)?.body).toContain('!\\[a\\](https://e.example)');
});

describe('what comes in', () => {
  test('a new issue and a new pull request are messages, with their title', async () => {
    await stage.adapter.start(host);
    stage.fake.open(BOATS, 'It sinks', 'Since @wharfie-bot painted it.');
    stage.fake.open(BOATS, 'Less paint', '', { isPull: true });
    await host.heard('Less paint');
    expect(host.events).toMatchObject([
      {
        threadId: 'issue:2',
        text: 'It sinks\n\nSince @wharfie-bot painted it.',
        mentioned: true,
        chatName: BOATS,
      },
      { threadId: '3', text: 'Less paint', mentioned: false },
    ]);
    const [issue] = host.events;
    const part = { type: 'reaction', messageId: issue?.messageId ?? '', emoji: '👀' } as const;
    await stage.adapter.deliver(requestOf({ ...group(), threadId: 'issue:2' }, part));
    expect(stage.fake.http.requests.at(-1)).toBe('POST /repos/ada/boats/issues/2/reactions');
  });

  test('a thread on a line of a pull request is one of its own, both ways', async () => {
    await stage.adapter.start(host);
    const pull = stage.fake.open(BOATS, 'A patch', '', { isPull: true });
    const root = stage.fake.say(pull, 'why this?', { root: null });
    const { threadId } = await host.heard('why this?');
    expect(threadId).toBe(`${pull.number}:rc:${root.id}`);
    stage.fake.say(pull, 'and that?', { root: root.id });
    expect((await host.heard('and that?')).threadId).toBe(threadId);

    const to = { ...group(), threadId };
    const request = requestOf(to, textPart('because'));
    const { messageIds } = await stage.adapter.deliver(request);
    const answer = stage.fake.world.comments.at(-1);
    expect(answer).toMatchObject({ issue: pull, in_reply_to_id: root.id });
    expect(messageIds).toEqual([answer && idOf(answer)]);
    expect(await stage.adapter.findSent?.(request, stage.clock.now())).toEqual({ messageIds });
    const messageId = messageIds[0] ?? '';
    await stage.adapter.deliver(requestOf(to, { type: 'edit', messageId, text: 'therefore' }));
    await stage.adapter.deliver(requestOf(to, { type: 'reaction', messageId, emoji: '❤️' }));
    expect(answer).toMatchObject({ body: 'therefore', reacted: ['heart'] });
  });

  test('the text of a review is a message; an edit without new words and a review without words are none', async () => {
    await stage.adapter.start(host);
    const pull = stage.fake.open(BOATS, 'A patch', '', { isPull: true });
    const [, payload] = stage.fake.commentEvent(stage.fake.say(pull, 'x', { unheard: true }));
    stage.fake.dispatch('issue_comment', { ...payload, action: 'edited', changes: {} });
    stage.fake.dispatch('issue_comment', { ...payload, action: 'pinned' });
    const review = { id: 5, user: stage.fake.world.ada, submitted_at: '2026-01-15T12:00:00Z' };
    for (const body of [null, 'Looks good, @Wharfie-Bot.']) {
      const reviewed = { ...payload, action: 'submitted', pull_request: pull, review: { ...review, body } };
      stage.fake.dispatch('pull_request_review', reviewed);
    }
    await host.heard('Looks good');
    expect(host.events.map((event) => event.text)).toEqual(['A patch', 'Looks good, @Wharfie-Bot.']);
    expect(host.events[1]).toMatchObject({ mentioned: true, threadId: String(pull.number) });
  });

  test('a comment of a deleted account is heard', async () => {
    await stage.adapter.start(host);
    const comment = stage.fake.world.write(stage.issueOf(group()), 'farewell', null);
    stage.fake.dispatch(...stage.fake.commentEvent(comment));
    expect((await host.heard('farewell')).sender).toMatchObject({ name: 'ghost', self: false });
  });

  test('ping is answered, a form is understood, and what is no JSON is told', async () => {
    await stage.adapter.start(host);
    const post = async (body: string, headers: Record<string, string>) =>
      (await fetch(stage.webhooks.url('github'), { method: 'POST', body, headers })).status;
    const ping = stage.fake.posting('ping', { zen: 'Keep it logically awesome.', hook_id: 1 });
    expect(await post(ping.body, ping.headers)).toBe(200);
    const { createHmac } = await import('node:crypto');
    const signed = (body: string, type: string) => {
      const signature = createHmac('sha256', stage.fake.secret).update(body).digest('hex');
      const headers = { 'content-type': type, 'x-github-event': 'issue_comment' };
      return post(body, { ...headers, 'x-hub-signature-256': `sha256=${signature}` });
    };
    const payload = stage.posting(group(), 'by form').body;
    const form = new URLSearchParams({ payload }).toString();
    expect(await signed(form, 'application/x-www-form-urlencoded')).toBe(200);
    expect(await signed('{', 'application/json')).toBe(400);
    expect(host.events.map((event) => event.text)).toEqual(['by form']);
  });
});

describe('what goes out', () => {
  test('a question is answered by number; a file, and a reaction that GitHub does not have, are refused', async () => {
    await stage.adapter.start(host);
    const options = [
      { label: 'Yes', value: 'y' },
      { label: 'No', value: 'n' },
    ];
    const question = { type: 'question', questionId: 'q', title: '', question: 'Sure?', options } as const;
    await stage.adapter.deliver(requestOf(group(), { ...question, options }));
    const files = [{ name: 'a.png', mimeType: 'image/png', data: Buffer.from('x') }];
    const withFile = { type: 'text', text: '', files, replyTo: null } as const;
    await expect(stage.adapter.deliver(requestOf(group(), { ...withFile, files }))).rejects.toMatchObject({
      ...{ code: 'github-no-files', errorClass: 'permanent' },
    });
    const [asked] = stage.heard(group());
    expect(asked?.text).toContain('1. Yes\n2. No');
    const part = { type: 'reaction', messageId: asked?.id ?? '', emoji: '🐙' } as const;
    await expect(stage.adapter.deliver(requestOf(group(), part))).rejects.toMatchObject({
      code: 'github-unknown-emoji',
      fix: expect.stringContaining('🚀'),
    });
  });

  test.each([
    [403, {}, {}, 'github-not-allowed', 'permanent'],
    [404, {}, {}, 'github-not-found', 'permanent'],
    [422, {}, {}, 'github-refused', 'permanent'],
    [502, {}, {}, 'github-outage', 'unknown'],
    [429, {}, {}, 'github-rate-limited', 'rate-limited'],
    [
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1768478460' },
      {},
      'github-rate-limited',
      60_000,
    ],
    [403, {}, { message: 'API rate limit exceeded' }, 'github-rate-limited', 60_000],
  ])('%s %j %j is %s', async (status, headers, body, code, what) => {
    await stage.adapter.start(host);
    stage.fake.http.faults.next(/^POST /, { kind: 'answer', status, headers, body });
    const expected = typeof what === 'number' ? { retryAfterMs: what } : { errorClass: what };
    await expect(stage.adapter.deliver(requestOf(group(), textPart('x')))).rejects.toMatchObject({
      ...{ code, ...expected },
    });
  });
});

describe('the history', () => {
  test('all kinds and pages are read in order, and what was only changed is not said again', async () => {
    const { fake } = stage;
    const issue = stage.issueOf(group());
    const old = fake.say(issue, 'old', { unheard: true });
    await stage.clock.advance(60_000);
    const pull = stage.issueOf(stage.thread());
    const known = stage.say(group(), 'known', { unheard: true });
    const texts: string[] = [];
    for (let at = 0; at < 250; at += 1) {
      await stage.clock.advance(1000);
      texts.push(`missed ${at}`);
      if (at === 100) fake.world.open(BOATS, texts[at] ?? '', { isPull: true });
      else if (at % 3 === 0) fake.say(pull, texts[at] ?? '', { root: null, unheard: true });
      else fake.say(issue, texts[at] ?? '', { unheard: true });
    }
    old.updated_at = '2027-01-01T00:00:00Z';
    host.setCursors([{ platformId: group().platformId, lastMessageId: known, lastAt: 0 }]);
    await stage.adapter.start(host);
    await host.heard('missed 249');
    expect(host.events.map((event) => event.text)).toEqual(texts);
  });

  test('what GitHub has called in vain is read within ten minutes, and once', async () => {
    const known = stage.say(group(), 'known', { unheard: true });
    host.setCursors([{ platformId: group().platformId, lastMessageId: known, lastAt: 0 }]);
    await stage.adapter.start(host);
    await stage.fake.http.until(() => stage.fake.http.requests.at(-1)?.endsWith('/pulls/comments') ?? false);
    const lost = stage.say(group(), 'lost on its way', { unheard: true });
    await stage.clock.advance(10 * 60_000);
    await host.heard('lost on its way');
    host.setCursors([{ platformId: group().platformId, lastMessageId: lost, lastAt: 0 }]);
    const asked = stage.fake.http.requests.length;
    await stage.clock.advance(10 * 60_000);
    await stage.fake.http.until(() => stage.fake.http.requests.length >= asked + 3);
    stage.say(group(), 'last');
    await host.heard('last');
    expect(host.events.map((event) => event.text)).toEqual(['lost on its way', 'last']);
  });

  test('a call that came to nothing is made up for, also where a later one came through', async () => {
    host.setCursors([{ platformId: group().platformId, lastMessageId: null, lastAt: stage.clock.now() }]);
    await stage.adapter.start(host);
    await stage.fake.http.until(() => stage.fake.http.requests.at(-1)?.endsWith('/pulls/comments') ?? false);
    await stage.clock.advance(60_000);
    stage.say(group(), 'lost on its way', { unheard: true });
    await stage.clock.advance(60_000);
    const lastMessageId = stage.say(group(), 'came through');
    await host.heard('came through');
    const wiredAt = 0;
    host.setCursors([{ platformId: group().platformId, lastMessageId, lastAt: stage.clock.now(), wiredAt }]);
    await stage.clock.advance(10 * 60_000);
    await host.heard('lost on its way');
  });

  test('what another Wharfie says is a bot’s, though its account is a person’s: they would answer each other for ever', async () => {
    await stage.adapter.start(host);
    stage.say(group(), `@wharfie-bot your turn${keyMark('abc_-9')}`);
    stage.say(group(), 'I quote <!-- wharfie:x --> here');
    expect((await host.heard('your turn')).sender).toMatchObject({ isBot: true, self: false });
    expect((await host.heard('I quote')).sender.isBot).toBe(false);
  });

  test('of a repository in which nothing was taken in yet it is read from its wiring on', async () => {
    stage.say(group(), 'before it was wired', { unheard: true });
    await stage.clock.advance(60_000);
    const lastAt = stage.clock.now();
    await stage.clock.advance(60_000);
    stage.say(group(), 'missed', { unheard: true });
    host.setCursors([{ platformId: group().platformId, lastMessageId: null, lastAt }]);
    await stage.adapter.start(host);
    await host.heard('missed');
    expect(host.events.map((event) => event.text)).toEqual(['missed']);
  });
});

describe('the account', () => {
  test('a repository is found by whatever a person can copy', async () => {
    await stage.adapter.start(host);
    const found = { platformId: 'github:ada/boats', name: BOATS, isGroup: true };
    for (const given of [
      'ada/boats',
      'https://github.com/Ada/Boats/issues/1',
      'git@github.com:Ada/Boats.git',
    ]) {
      expect(await stage.adapter.resolveChat?.(given)).toEqual(found);
    }
    expect(await stage.adapter.resolveChat?.('ada/nothing')).toBeNull();
  });

  test('a refused token is told at the start', async () => {
    stage.fake.token = 'another';
    await expect(stage.adapter.start(host)).rejects.toMatchObject({ code: 'github-token-refused' });
  });

  test('token, scope and name are checked with GitHub', async () => {
    const check = async (env: Record<string, string> = {}) => {
      const own = { GITHUB_TOKEN: stage.fake.token, GITHUB_WEBHOOK_SECRET: stage.fake.secret };
      const all = { ...own, GITHUB_API_URL: stage.fake.http.origin(), ...env };
      return github.checkCredentials({ env: () => all }, new AbortController().signal);
    };
    expect(await check({ GITHUB_BOT_USERNAME: '@Wharfie-Bot' })).toEqual([]);
    expect(await check({ GITHUB_TOKEN: 'ghp_wrong' })).toMatchObject([{ name: 'GITHUB_TOKEN' }]);
    expect(await check({ GITHUB_WEBHOOK_SECRET: '' })).toMatchObject([{ name: 'GITHUB_WEBHOOK_SECRET' }]);
    expect(await check({ GITHUB_BOT_USERNAME: 'ada' })).toMatchObject([{ name: 'GITHUB_BOT_USERNAME' }]);
    stage.fake.scopes = 'gist, repo';
    expect(await check()).toEqual([]);
    stage.fake.scopes = 'gist';
    expect(await check()).toMatchObject([{ name: 'GITHUB_TOKEN', accepted: true }]);
  });

  test('no secret and no word of a repository is logged', async () => {
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
    for (const secret of [fake.token, fake.secret, 'confidential']) expect(text).not.toContain(secret);
  });
});
