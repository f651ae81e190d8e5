import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commentIdOf, isOfWharfie } from '../../../src/channels/linear/comment-ids.js';
import { shownComment } from '../../fakes/linear/methods.js';
import type { FakeComment } from '../../fakes/linear/world.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { type LinearStage, openLinear } from '../linear.js';

let stage: LinearStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openLinear();
  host = createRecordingHost();
  await stage.adapter.start(host);
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const group = () => stage.group ?? stage.direct;
const asked = () => stage.fake.http.requests.filter((name) => name === '/graphql user').length;
const senderOf = async (text: string) => (await host.heard(text)).sender;

/** Written and told, by whom the world says. */
function write(body: string, fields: Partial<FakeComment>): FakeComment {
  const { fake } = stage;
  const comment = fake.world.write({ body, issue: stage.issueOf(group()), user: null, ...fields });
  fake.dispatch('Comment', 'create', shownComment(comment));
  return comment;
}

test('another application is a bot, a person is none; each is asked about once', async () => {
  for (const text of ['beep', 'beep again']) {
    stage.say(group(), text, { fromBot: true });
    expect(await senderOf(text)).toMatchObject({ name: 'Rover', isBot: true, self: false });
  }
  for (const text of ['hello', 'hello again']) {
    stage.say(group(), text);
    expect(await senderOf(text)).toMatchObject({ name: 'Ada Lovelace', isBot: false });
  }
  expect(asked()).toBe(2);
});

test('an integration is a bot with its own name; somebody of another service is a person', async () => {
  const { ada } = stage.fake.world;
  const bot = { id: 'i1', type: 'github', name: 'GitHub' };
  write('linked', { botActor: bot });
  write('linked again', { botActor: JSON.stringify(bot) });
  write('a rule', {});
  write('from Slack', { externalUser: { ...ada, id: 'ext1', name: 'Ben' }, botActor: bot });
  for (const text of ['linked', 'linked again']) {
    expect(await senderOf(text)).toMatchObject({ id: 'linear:i1', name: 'GitHub', isBot: true });
  }
  expect(await senderOf('a rule')).toMatchObject({ name: 'Linear', isBot: true });
  expect(await senderOf('from Slack')).toMatchObject({ id: 'linear:ext1', name: 'Ben', isBot: false });
  expect(asked()).toBe(0);
});

test('what a Wharfie says is a bot’s, also with the key of a person', async () => {
  const { ada } = stage.fake.world;
  write('of the other one', { id: commentIdOf('out_42 0'), user: ada });
  write('typed by herself', { id: randomUUID(), user: ada });
  expect(await senderOf('of the other one')).toMatchObject({ isBot: true, self: false });
  expect(await senderOf('typed by herself')).toMatchObject({ isBot: false });
  await stage.adapter.deliver(requestOf(group(), textPart('mine')));
  const ids = stage.fake.world.comments.map(({ id }) => id);
  expect(ids.map(isOfWharfie)).toEqual([true, false, true]);
});

test('where Linear does not say, it is taken in as a person’s, and asked again with the next', async () => {
  stage.fake.http.faults.next(/ user$/, { kind: 'answer', status: 503, body: 'Service Unavailable' });
  stage.fake.http.faults.next(/ user$/, { kind: 'hang' });
  stage.say(group(), 'one', { fromBot: true });
  expect(await senderOf('one')).toMatchObject({ isBot: false });
  stage.say(group(), 'two', { fromBot: true });
  await stage.fake.http.until(() => asked() === 2);
  await stage.clock.advance(3000);
  expect(await senderOf('two')).toMatchObject({ isBot: false });
  stage.say(group(), 'three', { fromBot: true });
  expect(await senderOf('three')).toMatchObject({ isBot: true });
});

test('the history tells the same of each as its events, and nobody is asked about', async () => {
  const { ada, rover } = stage.fake.world;
  const { signal } = new AbortController();
  const first = stage.say(group(), 'first', { unheard: true });
  const issue = stage.issueOf(group());
  for (const fields of [
    { user: rover },
    { user: ada },
    { user: ada, id: commentIdOf('k') },
    { user: null },
  ]) {
    stage.fake.world.write({ body: 'x', issue, ...fields });
  }
  const bots: boolean[] = [];
  for await (const event of stage.adapter.fetchSince?.(group().platformId, first, signal) ?? []) {
    bots.push(event.sender.isBot);
  }
  expect(bots).toEqual([true, false, true, true]);
  expect(asked()).toBe(0);
});
