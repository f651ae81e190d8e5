import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLoop, type TestLoop } from './loop.js';
import { createSession, type TestSession } from './session.js';

const echo = (text: string) => `Mock agent (no model answers here). You said: ${text}`;

describe('the poll loop', () => {
  let session: TestSession;
  let run: TestLoop;
  const start = async () => {
    run = await startLoop(session);
  };
  beforeEach(() => {
    session = createSession();
  });
  afterEach(async () => {
    await run.stop();
    session.remove();
  });

  it('answers a batch of one chat and thread in one turn, as a reply to its last message', async () => {
    session.say('one');
    session.say('elsewhere', { chat: 'cli:other' });
    session.say('in a thread', { thread: 't' });
    const last = session.say('two');
    await start();
    await run.until(
      () => session.acks().length === 4 && session.acks().every((ack) => ack.status === 'done'),
    );
    expect(session.out().map((row) => [row.platform_id, row.thread_id, row.content.text])).toEqual([
      ['cli:local', '', `${echo('one')}\n${echo('two')}`],
      ['cli:other', '', echo('elsewhere')],
      ['cli:local', 't', echo('in a thread')],
    ]);
    expect(session.out()[0]?.in_reply_to).toBe(last);
    expect(session.out().map((row) => row.seq % 2)).toEqual([1, 1, 1]);
  });

  it('tells with the reply when it claimed the message and when the model answered', async () => {
    const id = session.say('hello');
    await start();
    await run.until(() => session.ack(id) === 'done');
    const at = run.clock.now();
    expect(session.out().map((row) => row.content.stages)).toEqual([{ claimed: at, firstByte: at }]);
  });

  it('takes the newest fifty of the silent context along, and ends the older ones unread', async () => {
    for (let i = 0; i < 53; i++) session.say(`c${i}`, { trigger: 0 });
    session.say('not here', { trigger: 0, chat: 'cli:other' });
    session.say('!prompt');
    await start();
    await run.until(() => session.acks().length === 54 && session.ack('in_55') === 'done');
    const prompt = String(session.texts()[0]);
    expect(prompt).toMatch(
      /^<context>\n<message id="8"[\s\S]*>c52<\/message>\n<\/context>\n<message id="110"/,
    );
    expect(prompt.match(/<message /g)).toHaveLength(51);
    expect(session.ack('in_54')).toBeUndefined();
    expect(session.ack('in_1')).toBe('done');
  });

  it('is never woken by context or news; news rides along', async () => {
    const news = session.news('a delivery failed');
    const context = session.say('chatter', { trigger: 0 });
    await start();
    await run.settle();
    expect(session.acks()).toEqual([]);
    session.say('hello');
    await run.until(() => session.ack(news) === 'done');
    expect(session.ack(context)).toBe('done');
    expect(session.texts()).toEqual([`[mock] news: a delivery failed\n${echo('hello')}`]);
  });

  it('gives a task a turn of its own, when it is due', async () => {
    session.say('hello');
    session.task('!silent nothing new', { id: 'due' });
    session.task('later', { id: 'later', processAfter: Date.UTC(2026, 10, 22, 8, 6) });
    await start();
    await run.until(() => session.ack('due') === 'done');
    expect(session.texts()).toEqual([echo('hello')]);
    expect(JSON.parse(session.state('silence') ?? '')).toMatchObject({
      reason: 'nothing new',
      messageIds: ['due'],
    });
    expect(session.ack('later')).toBeUndefined();
    await run.clock.advance(60_000);
    await run.until(() => session.ack('later') === 'done');
    expect(session.texts()).toEqual([echo('hello'), echo('later')]);
  });

  it('pushes follow-ups of the same chat and thread into the running turn; others wait', async () => {
    session.say('!sleep 5000');
    await start();
    await run.until(() => session.ack('in_1') === 'processing');
    const follow = session.say('and this');
    const other = session.say('other', { chat: 'cli:other' });
    const task = session.task('a task');
    await run.until(() => session.ack(follow) === 'processing');
    expect([session.ack(other), session.ack(task)]).toEqual([undefined, undefined]);
    await run.clock.advance(5_000);
    await run.until(() => session.ack(task) === 'done');
    expect(session.texts()).toEqual([echo('and this'), echo('other'), echo('a task')]);
    expect(session.out()[0]?.in_reply_to).toBe(follow);
  });

  it('begins a new conversation in its place: what was said before it belongs to the old one', async () => {
    session.say('first');
    await start();
    await run.until(() => session.ack('in_1') === 'done');
    const old = session.say('!recall');
    const fresh = session.newConversation();
    const after = session.say('!recall');
    await run.until(() => session.ack(after) === 'done');
    expect([session.ack(old), session.ack(fresh)]).toEqual(['done', 'done']);
    expect(session.texts().slice(1)).toEqual(['[mock] I remember 1', '[mock] I remember 0']);
  });

  it('an empty end is an error unless something was sent there or silence was chosen', async () => {
    session.say('!empty');
    await start();
    await run.until(() => session.ack('in_1') === 'failed');
    session.say('!send hi');
    await run.until(() => session.ack('in_2') === 'done');
    session.say('!silent');
    await run.until(() => session.ack('in_3') === 'done');
    session.say('!silent ;; !sleep 1000');
    await run.until(() => session.ack('in_4') === 'processing');
    session.say('!empty');
    await run.until(() => session.ack('in_5') === 'processing');
    await run.clock.advance(1_000);
    await run.until(() => session.ack('in_5') === 'failed');
    const sorry = expect.stringContaining('without an answer');
    expect(session.texts()).toEqual([sorry, 'hi', sorry]);
  });

  it('fails a row that it cannot read, and goes on with the next', async () => {
    session.say('', { raw: 'not json' });
    session.say('', { raw: '{}', kind: 'task' });
    const good = session.say('hello');
    await start();
    await run.until(() => session.ack(good) === 'done');
    expect([session.ack('in_1'), session.ack('in_2')]).toEqual(['failed', 'failed']);
    expect(session.texts()).toEqual([
      expect.stringContaining('could not read'),
      expect.anything(),
      echo('hello'),
    ]);
  });

  it('forgets acknowledgements that the host has taken over, and never claims twice', async () => {
    const id = session.say('hello');
    await start();
    await run.until(() => session.ack(id) === 'done');
    await run.clock.advance(120_000);
    expect(session.ack(id)).toBe('done');
    session.setStatus(id, 'done');
    await run.clock.advance(120_000);
    expect(session.acks()).toEqual([]);
    expect(session.out()).toHaveLength(1);
  });

  it('wakes by itself where the bell was lost', async () => {
    await start();
    await run.settle();
    const id = session.say('hello');
    await run.clock.advance(2_000);
    expect(session.ack(id)).toBe('done');
    expect(run.rings()).toBeGreaterThan(0);
  });
});
