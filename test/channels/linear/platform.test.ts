import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linear } from '../../../src/channels/linear.js';
import { shownComment } from '../../fakes/linear/methods.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createPlatformServer } from '../../fakes/platform-server.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { type LinearStage, openLinear } from '../linear.js';

let stage: LinearStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openLinear();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const group = () => stage.group ?? stage.direct;
const team = () => stage.issueOf(group()).team;

test('an image that only comes about where the texts of a card are put together is none', async () => {
  await stage.adapter.start(host);
  const fields = [{ label: '`', value: '`![a](https://e.example)`' }];
  const part = { type: 'card', card: { title: 'Look', fields }, fallbackText: 'Look' } as const;
  await stage.adapter.deliver(requestOf(group(), part));
  expect(stage.fake.world.comments.at(-1)?.body).toContain('`[a](https://e.example)`');
});

describe('what comes in', () => {
  test('a new issue is a message, with its title; a reaction finds it, and an answer stands in it', async () => {
    await stage.adapter.start(host);
    const issue = stage.fake.open(team(), 'It sinks', 'Since @Wharfie painted it.');
    const event = await host.heard('It sinks');
    expect(event).toMatchObject({
      ...{ platformId: 'linear:ENG', threadId: issue.identifier, chatName: 'Engineering', mentioned: true },
      text: 'It sinks\n\nSince @Wharfie painted it.',
    });
    const to = { ...group(), threadId: event.threadId };
    await stage.adapter.deliver(requestOf(to, { type: 'reaction', messageId: event.messageId, emoji: '👀' }));
    expect(stage.fake.http.bodies.at(-1)).toMatchObject({ variables: { input: { issueId: issue.id } } });
    await stage.adapter.deliver(requestOf(to, textPart('I look.', event.messageId)));
    expect(stage.fake.world.comments.at(-1)).toMatchObject({ issue, parent: null, body: 'I look.' });
  });

  test('an answer to a comment in a thread goes into that thread', async () => {
    await stage.adapter.start(host);
    const issue = stage.issueOf(group());
    const root = stage.fake.say(issue, 'first');
    const nested = stage.fake.say(issue, 'second', { parent: root });
    expect(await host.heard('second')).toMatchObject({ replyTo: root.id, mentioned: false });
    await stage.adapter.deliver(requestOf(group(), textPart('third', nested.id)));
    expect(stage.fake.world.comments.at(-1)).toMatchObject({ body: 'third', parent: root });
  });

  test('changes, other things, and comments that stand in no issue are left out', async () => {
    await stage.adapter.start(host);
    const comment = shownComment(stage.fake.say(stage.issueOf(group()), 'x', { unheard: true }));
    stage.fake.dispatch('Comment', 'update', comment, { updatedFrom: { resolvedAt: null } });
    stage.fake.dispatch('Comment', 'archive', comment);
    stage.fake.dispatch('Comment', 'create', { ...comment, issue: null, body: 'on a document' });
    stage.fake.dispatch('Project', 'create', { id: 'p', name: 'A project' });
    stage.fake.dispatch('Reaction', 'create', { id: 'r', emoji: 'eyes', commentId: 'c' });
    stage.say(group(), 'said');
    await host.heard('said');
    expect(host.events).toHaveLength(1);
    expect(stage.fake.sender.answers.every((status) => status === 200)).toBe(true);
  });

  test('a comment comes with its issue and with the comment that it stands under', async () => {
    await stage.adapter.start(host);
    const { fake } = stage;
    const issue = fake.world.open(stage.issueOf(group()).team, 'A leak', { description: 'It drips.' });
    const parent = fake.say(issue, 'since when?', { from: fake.world.bob, unheard: true });
    const [, payload] = ['', shownComment(fake.say(issue, 'since May', { parent, unheard: true }))];
    // The documented payload names the author of a parent by the id alone.
    const under = { id: parent.id, body: 'since when?', userId: fake.world.bob.id };
    for (const body of ['since May', 'since June']) {
      fake.dispatch('Comment', 'create', { ...payload, id: body, body, parent: under });
    }
    const event = await host.heard('since June');
    expect(event).toMatchObject({
      ...{ replyTo: parent.id, quoted: { text: 'since when?', from: 'Bob Babbage', messageId: parent.id } },
      subject: { kind: 'issue', title: 'A leak', url: `https://linear.app/ada/issue/${issue.identifier}` },
    });
    expect(await event.root?.()).toMatchObject({ text: 'It drips.', from: 'Ada Lovelace' });
    expect(fake.http.requests.filter((one) => one.endsWith(' comment'))).toHaveLength(1);
  });

  test('where Linear does not tell who wrote what is answered, its words are there all the same', async () => {
    await stage.adapter.start(host);
    const { fake } = stage;
    const comment = shownComment(fake.say(stage.issueOf(group()), 'and?', { unheard: true }));
    fake.dispatch('Comment', 'create', { ...comment, parent: { id: 'gone', body: 'before' } });
    expect(await host.heard('and?')).toMatchObject({
      quoted: { text: 'before', from: '', messageId: 'gone' },
    });
  });

  test('an issue that is described anew is edited, and what we have said ourselves is no news', async () => {
    await stage.adapter.start(host);
    const { fake } = stage;
    const { team } = stage.issueOf(group());
    const issue = fake.open(team, 'A leak', 'small');
    const changed = { ...issue, description: 'large', updatedAt: '2026-02-01T00:00:00.000Z' };
    fake.dispatch('Issue', 'update', changed, { updatedFrom: { sortOrder: 1 } });
    fake.dispatch('Issue', 'update', changed, { updatedFrom: { description: 'small' } });
    const own = shownComment(fake.say(issue, 'by ourselves', { from: fake.world.bot, unheard: true }));
    fake.dispatch('Comment', 'update', own, { updatedFrom: { body: 'x' } });
    fake.dispatch('Comment', 'remove', own);
    fake.dispatch('Issue', 'remove', changed, { actor: { id: fake.world.bob.id, name: 'Bob' } });
    await host.until(() => host.events.find(({ kind }) => kind === 'deleted'));
    const id = `issue:${issue.id}`;
    expect(host.events).toMatchObject([
      { kind: 'message', messageId: id },
      { kind: 'edited', text: 'A leak\n\nlarge', replyTo: id },
      { kind: 'deleted', replyTo: id, sender: { name: 'Bob' } },
    ]);
  });

  test('a mention as a link to the profile is one', async () => {
    await stage.adapter.start(host);
    stage.say(group(), 'ask [wharfie](https://linear.app/acme/profiles/wharfie)');
    stage.say(group(), 'https://linear.app/acme/profiles/wharfie please');
    stage.say(group(), 'https://linear.app/acme/profiles/wharfie-two instead');
    expect((await host.heard('ask')).mentioned).toBe(true);
    expect((await host.heard('please')).mentioned).toBe(true);
    expect((await host.heard('instead')).mentioned).toBe(false);
  });

  test('links of Linear’s files are attachments, and those of others are text', async () => {
    // With the bot's key in it Linear would answer this one for whoever writes a comment.
    const asked = `${stage.fake.http.origin()}/graphql?query={users{nodes{email}}}`;
    await stage.adapter.start(host);
    const linears = 'https://uploads.linear.app/a/b/c';
    stage.say(
      group(),
      `see ![x](https://example.com/x.png) and ![a\\]b](${linears}) [y](http://127.0.0.1:9/files/f1) [z](${asked})`,
    );
    const { attachments } = await host.heard('see');
    expect(attachments.map((file) => file.name)).toEqual(['a]b']);
    stage.say(group(), `${'['.repeat(100_000)}${'](http://'.repeat(1000)} the end`);
    expect((await host.heard('the end')).attachments).toEqual([]);
  });

  test('a request that was kept for six minutes is not taken', async () => {
    await stage.adapter.start(host);
    const { headers, body } = stage.posting(group(), 'again and again');
    await stage.clock.advance(6 * 60_000);
    const answer = await fetch(stage.webhooks.url('linear'), { method: 'POST', headers, body });
    expect(answer.status).toBe(401);
    expect(host.events).toEqual([]);
  });
});

describe('what goes out', () => {
  test('the same part twice is said once', async () => {
    await stage.adapter.start(host);
    const request = requestOf(group(), textPart('only once'));
    const first = await stage.adapter.deliver(request);
    expect(await stage.adapter.deliver(request)).toEqual(first);
    expect(stage.heard(group()).map((heard) => heard.text)).toEqual(['only once']);
  });

  test('a question is answered by number', async () => {
    await stage.adapter.start(host);
    const options = [
      { label: 'Yes', value: 'y' },
      { label: 'No', value: 'n' },
    ];
    const question = { type: 'question', questionId: 'q', title: '', question: 'Sure?', options } as const;
    await stage.adapter.deliver(requestOf(group(), { ...question, options }));
    expect(stage.heard(group())[0]?.text).toContain('1. Yes\n2. No');
  });

  test('what is said goes where Linear is, and nowhere that an answer leads to', async () => {
    await stage.adapter.start(host);
    const foreign = await createPlatformServer({
      nameOf: () => 'asked',
      answer: () => ({ status: 200, body: {} }),
    });
    const headers = { location: foreign.origin() };
    stage.fake.http.faults.next(/commentCreate$/, { kind: 'answer', status: 307, body: '', headers });
    const said = stage.adapter.deliver(requestOf(group(), textPart('between us')));
    await expect(said).rejects.toMatchObject({ errorClass: 'unknown' });
    expect(foreign.requests).toEqual([]);
    await foreign.close();
  });

  test('an image is shown, and a file that Linear does not take is no comment without it', async () => {
    await stage.adapter.start(host);
    const files = [{ name: 'a [1].png', mimeType: 'image/png', data: Buffer.from('x') }];
    const part = { type: 'text', text: 'See.', files, replyTo: null } as const;
    const say = () => stage.adapter.deliver(requestOf(group(), { ...part, files }));
    stage.fake.http.faults.next(/^\/upload/, { kind: 'answer', status: 500 });
    await expect(say()).rejects.toMatchObject({ code: 'linear-upload-failed', errorClass: 'transient' });
    expect(stage.heard(group())).toEqual([]);
    await say();
    expect(stage.fake.world.comments[0]?.body).toMatch(
      /^See\.\n\n!\[a \\\[1\\\]\.png\]\(http.*\/files\/f2\)$/,
    );
  });

  const failure = (code: string, message = '') => ({ errors: [{ message, extensions: { code } }] });
  test.each([
    [200, failure('FORBIDDEN'), 'linear-not-allowed', 'permanent'],
    [200, failure('INPUT_ERROR', 'Entity not found: Issue'), 'linear-not-found', 'permanent'],
    [400, failure('INPUT_ERROR', 'body is too long'), 'linear-refused', 'permanent'],
    [500, failure('INTERNAL_SERVER_ERROR'), 'linear-outage', 'unknown'],
    [200, '<html>', 'linear-outage', 'unknown'],
    [503, '<html>', 'linear-outage', 'transient'],
    [429, {}, 'linear-rate-limited', 'rate-limited'],
  ])('%s %j is %s', async (status, body, code, errorClass) => {
    await stage.adapter.start(host);
    stage.fake.http.faults.next(/commentCreate$/, { kind: 'answer', status, body });
    const delivery = stage.adapter.deliver(requestOf(group(), textPart('x')));
    await expect(delivery).rejects.toMatchObject({ code, errorClass });
  });

  test('Linear says when the next request may come', async () => {
    await stage.adapter.start(host);
    const headers = { 'x-ratelimit-requests-reset': String(stage.clock.now() + 90_000) };
    const fault = { kind: 'answer', status: 400, headers, body: failure('RATELIMITED') } as const;
    stage.fake.http.faults.next(/commentCreate$/, fault);
    const delivery = stage.adapter.deliver(requestOf(group(), textPart('x')));
    await expect(delivery).rejects.toMatchObject({ retryAfterMs: 90_000 });
  });
});

describe('the history', () => {
  test('all pages are read in order, issues among comments', async () => {
    const { fake } = stage;
    const issue = stage.issueOf(group());
    const known = stage.say(group(), 'known', { unheard: true });
    const texts: string[] = [];
    for (let at = 0; at < 250; at += 1) {
      texts.push(`missed ${at}`);
      if (at % 50 === 0) fake.world.open(team(), texts[at] ?? '');
      else fake.say(issue, texts[at] ?? '', { unheard: true });
    }
    host.setCursors([{ platformId: group().platformId, lastMessageId: known, lastAt: 0 }]);
    await stage.adapter.start(host);
    await host.heard('missed 249');
    expect(host.events.map((event) => event.text)).toEqual(texts);
  });

  test('of a team in which nothing was taken in yet it is read from its wiring on', async () => {
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

  test('where the last message is gone it is read from the time at which that was written', async () => {
    stage.say(group(), 'long ago', { unheard: true });
    await stage.clock.advance(60_000);
    const lastAt = stage.clock.now();
    await stage.clock.advance(1000);
    stage.say(group(), 'missed', { unheard: true });
    host.setCursors([{ platformId: group().platformId, lastMessageId: 'gone', lastAt }]);
    await stage.adapter.start(host);
    await host.heard('missed');
    stage.say(group(), 'now');
    await host.heard('now');
    expect(host.events.map((event) => event.text)).toEqual(['missed', 'now']);
  });
});

describe('the account', () => {
  const application = () => ({
    LINEAR_API_KEY: undefined,
    LINEAR_CLIENT_ID: stage.fake.application.clientId,
    LINEAR_CLIENT_SECRET: stage.fake.application.clientSecret,
  });

  test('an application gets a token, and a new one when it is refused', async () => {
    const adapter = stage.again(application());
    await adapter.start(host);
    await adapter.deliver(requestOf(group(), textPart('one')));
    stage.fake.tokens.clear();
    await adapter.deliver(requestOf(group(), textPart('two')));
    expect(stage.heard(group()).map((heard) => heard.text)).toEqual(['one', 'two']);
    expect(stage.fake.http.requests.filter((name) => name.startsWith('/oauth/token'))).toHaveLength(2);
    await adapter.stop();
  });

  test('a refused key or secret is told at the start', async () => {
    for (const env of [
      { LINEAR_API_KEY: 'lin_api_wrong' },
      { ...application(), LINEAR_CLIENT_SECRET: 'wrong' },
    ]) {
      const adapter = stage.again(env);
      await expect(adapter.start(host)).rejects.toMatchObject({ code: 'linear-token-refused' });
      expect(adapter.health()).toMatchObject({
        state: 'failed',
        fix: expect.stringContaining('--auth linear'),
      });
      await adapter.stop();
    }
  });

  test('a team is found by whatever a person can copy', async () => {
    await stage.adapter.start(host);
    const found = { platformId: 'linear:ENG', name: 'Engineering', isGroup: true };
    for (const given of ['eng', 'ENG-12', 'https://linear.app/acme/issue/ENG-12/a-leak']) {
      expect(await stage.adapter.resolveChat?.(given)).toEqual(found);
    }
    expect(await stage.adapter.resolveChat?.('NONE')).toBeNull();
  });

  test('key or application are checked with Linear', async () => {
    const check = async (env: Record<string, string | undefined> = {}) => {
      const own = { LINEAR_API_KEY: stage.fake.apiKey, LINEAR_WEBHOOK_SECRET: stage.fake.secret };
      const all = { ...own, LINEAR_API_URL: stage.fake.http.origin(), ...env };
      return linear.checkCredentials({ env: () => all }, new AbortController().signal);
    };
    expect(await check()).toEqual([]);
    expect(await check(application())).toEqual([]);
    expect(await check({ LINEAR_API_KEY: 'wrong' })).toMatchObject([{ name: 'LINEAR_API_KEY' }]);
    expect(await check({ LINEAR_API_KEY: '', LINEAR_CLIENT_ID: 'x' })).toMatchObject([
      { name: expect.stringContaining('LINEAR_CLIENT_SECRET') },
    ]);
    expect(await check({ LINEAR_WEBHOOK_SECRET: '' })).toMatchObject([{ name: 'LINEAR_WEBHOOK_SECRET' }]);
  });

  test('no secret and no word of a team is logged', async () => {
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
    for (const secret of [fake.apiKey, fake.secret, 'confidential']) expect(text).not.toContain(secret);
  });
});
