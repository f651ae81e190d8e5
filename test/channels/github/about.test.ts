import { describe, expect, test } from 'vitest';
import { useStage } from '../contract/use-stage.js';
import { idOf, openGitHub } from '../github.js';

const at = useStage(openGitHub, { started: false });
const BOATS = 'Ada/Boats';
const group = () => at.stage.group ?? at.stage.direct;

describe('what it is about', () => {
  const seconds = (at: string) => Math.floor(Date.parse(at) / 1000);
  const ada = { id: 1002, login: 'ada', type: 'User' };
  const repository = { name: 'boats', full_name: 'ada/boats', owner: { login: 'ada' } };
  const written = { user: ada, created_at: '2026-11-30T20:02:50Z', html_url: 'https://x' };

  test('a comment on a line comes with path, line, diff and title; one in an issue with its title and body', async () => {
    await at.stage.adapter.start(at.host);
    const pull = { number: 1, title: 'A pull' };
    const hunk = '@@ -20,6 +20,9 @@\n fn format_reproduction_command() {\n+    let a = 1;';
    const where = { path: 'src/llm.rs', line: 25, diff_hunk: hunk };
    const asked = "@wharfie-bot wouldn't a single format be easier? why both?";
    at.stage.fake.dispatch('pull_request_review_comment', {
      ...{ action: 'created', repository, pull_request: pull },
      comment: { id: 9001, ...written, body: asked, ...where },
    });
    const issue = { number: 77, title: 'Crash on start', body: 'Steps: run X. ISSUE BODY', user: ada };
    at.stage.fake.dispatch('issue_comment', {
      ...{ action: 'created', repository, issue: { ...issue, created_at: '2026-01-01T00:00:00Z' } },
      comment: { id: 9002, ...written, body: '@wharfie-bot can you look at this issue?' },
    });
    expect(await at.host.heard('why both?')).toMatchObject({
      ...{ text: asked, mentioned: true },
      subject: { kind: 'diff', title: 'A pull', url: 'https://x', path: 'src/llm.rs', line: 25, text: hunk },
    });
    const event = await at.host.heard('can you look');
    expect(event).toMatchObject({ subject: { kind: 'issue', title: 'Crash on start', url: 'https://x' } });
    expect(await event.root?.()).toMatchObject({ text: 'Steps: run X. ISSUE BODY', from: 'ada' });
  });

  test('what the packet does not tell is asked once, also of what was missed', async () => {
    const pull = at.stage.fake.world.open(BOATS, 'A patch', { body: 'It leaks less.', isPull: true });
    const first = at.stage.fake.say(pull, 'why three?', {
      root: null,
      from: at.stage.fake.world.bob,
      unheard: true,
    });
    const known = at.stage.say(group(), 'known', { unheard: true });
    await at.stage.clock.advance(1000);
    for (const text of ['one', 'two']) at.stage.fake.say(pull, text, { root: first.id, unheard: true });
    at.host.setCursors([{ platformId: group().platformId, lastMessageId: known, lastAt: 0 }]);
    await at.stage.adapter.start(at.host);
    const event = await at.host.heard('two');
    expect(event).toMatchObject({
      replyTo: idOf(first),
      quoted: { text: 'why three?', from: 'bob', messageId: idOf(first), partial: false },
      subject: { kind: 'diff', title: 'A patch', path: 'src/hull.ts', line: 25 },
    });
    expect(await event.root?.()).toMatchObject({ text: 'It leaks less.', from: 'Ada' });
    const asked = at.stage.fake.http.requests.filter((one) => /\/(?:issues|comments)\/\d+$/.test(one));
    expect(asked).toHaveLength(new Set(asked).size);
  });

  test('where GitHub does not tell what it is about, the words are heard all the same', async () => {
    await at.stage.adapter.start(at.host);
    const pull = at.stage.fake.world.open(BOATS, 'A patch', { isPull: true });
    const lost = { kind: 'answer', status: 404, body: {} } as const;
    at.stage.fake.http.faults.next(/^GET .*pulls\/comments\/\d+$/, lost);
    at.stage.fake.say(pull, 'and why?', { root: 4711 });
    const event = await at.host.heard('and why?');
    expect(event).toMatchObject({ text: 'and why?', replyTo: null });
    expect(event.quoted).toBeUndefined();
  });

  test('of a long diff its end is told, with where in the file it is', async () => {
    await at.stage.adapter.start(at.host);
    const lines = Array.from({ length: 2000 }, (_, at) => `+line ${at}`).join('\n');
    const comment = { id: 1, ...written, body: 'too long', path: 'a.ts', diff_hunk: `@@ -1 +1 @@\n${lines}` };
    at.stage.fake.dispatch('pull_request_review_comment', {
      ...{ action: 'created', repository, pull_request: { number: 1, title: 'A pull' }, comment },
    });
    const text = (await at.host.heard('too long')).subject?.text ?? '';
    expect(text).toMatch(/^@@ -1 \+1 @@\n…\n\+line 1\d\d\d\n/);
    expect(text.endsWith('+line 1999')).toBe(true);
    expect(text.length).toBeLessThan(4200);
  });

  test('mail that an answer by mail carries along calls nobody', async () => {
    await at.stage.adapter.start(at.host);
    const below = 'From: Bob\nSent: Monday\nTo: Ada/Boats\nSubject: Re: [Ada/Boats]\n\n@wharfie-bot do it';
    at.stage.fake.say(at.stage.issueOf(group()), `I agree.\n\n${below}`);
    expect(await at.host.heard('I agree')).toMatchObject({ mentioned: false });
    at.stage.fake.say(at.stage.issueOf(group()), `@wharfie-bot go on.\n\n${below}`);
    expect(await at.host.heard('go on')).toMatchObject({ mentioned: true });
  });

  test('edits of titles, bodies, reviews and lines are edits, once each; our own are none', async () => {
    await at.stage.adapter.start(at.host);
    const { fake } = at.stage;
    const changes = { body: { from: 'before' } };
    const pull = fake.open(BOATS, 'A patch', 'before', { isPull: true });
    const shown = { ...pull, updated_at: '2026-02-01T00:00:00Z' };
    const edited = { action: 'edited', repository, pull_request: { ...shown, title: 'A better patch' } };
    fake.dispatch('pull_request', { ...edited, changes: { title: { from: 'A patch' } } });
    fake.dispatch('pull_request', { ...edited, changes: { base: { ref: { from: 'main' } } } });
    const review = { id: 5, user: ada, submitted_at: '2026-01-15T12:00:00Z', body: 'Looks better.' };
    const own = { id: 6, ...written, user: fake.world.bot, body: 'edited by ourselves' };
    for (const action of ['edited', 'deleted']) {
      fake.dispatch('issue_comment', { action, repository, issue: pull, comment: own, changes });
    }
    fake.dispatch('pull_request_review', { ...edited, review, changes });
    await at.host.heard('Looks better.');
    const told = at.host.events.filter(({ kind }) => kind !== 'message');
    expect(told).toMatchObject([
      { kind: 'edited', text: 'A better patch\n\nbefore', replyTo: at.host.events[0]?.messageId },
      { kind: 'edited', text: 'Looks better.', replyTo: `${seconds(review.submitted_at)}-r5` },
    ]);
  });

  test('a repository that another owner has moves', async () => {
    await at.stage.adapter.start(at.host);
    const changes = { owner: { from: { organization: { login: 'Harbour' } } } };
    at.stage.fake.dispatch('repository', { action: 'transferred', repository, changes });
    at.stage.fake.dispatch('repository', { action: 'archived', repository });
    at.stage.say(group(), 'and now');
    await at.host.heard('and now');
    expect(at.host.moves).toEqual([{ from: 'github:harbour/boats', to: 'github:ada/boats' }]);
  });
});
