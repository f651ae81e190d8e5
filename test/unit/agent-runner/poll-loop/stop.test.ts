import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLoop, type TestLoop } from '../loop.js';
import { createSession, type TestSession } from '../session.js';

describe('/stop and interruptions', () => {
  let session: TestSession;
  let runs: TestLoop[] = [];
  const start = async (incarnation = 1) => {
    const run = await startLoop(session, { WHARFIE_INCARNATION: String(incarnation) });
    runs.push(run);
    return run;
  };
  beforeEach(() => {
    session = createSession();
  });
  afterEach(async () => {
    await Promise.all(runs.map((run) => run.stop()));
    runs = [];
    session.remove();
  });

  it('ends a cancelled turn without a reply; what it says later is not heard', async () => {
    const id = session.say('!send one ;; !sleep 1000 ;; !send late ;; !reply late');
    const context = session.say('chatter', { trigger: 0 });
    const run = await start();
    await run.until(() => session.out().length === 1);
    session.setStatus(id, 'cancelled');
    await run.until(() => session.ack(id) === 'failed');
    await run.clock.advance(5_000);
    expect(session.texts()).toEqual(['one']);
    expect(session.ack(context)).toBe('done');
    expect(session.state('turn')).toBeUndefined();
  });

  it('does not hear what a conversation says that was closed', async () => {
    const id = session.say('!send one ;; !hang');
    const run = await start();
    await run.until(() => session.out().length === 1);
    const event = {
      type: 'result' as const,
      answers: [{ text: 'from the past', beforeTool: false, end: 'whole' as const }],
    };
    run.loop.mailbox.post({ generation: run.loop.generation - 1, event });
    await run.settle();
    expect(session.ack(id)).toBe('processing');
    run.loop.mailbox.post({ generation: run.loop.generation, event });
    await run.until(() => session.ack(id) === 'done');
    expect(session.texts()).toEqual(['one', 'from the past']);
  });

  it('goes on with what was not cancelled, and does not repeat what was said', async () => {
    const first = session.say('!send one ;; !sleep 1000');
    const run = await start();
    await run.until(() => session.out().length === 1);
    const second = session.say('!send two ;; !reply end');
    await run.until(() => session.ack(second) === 'processing');
    session.setStatus(first, 'cancelled');
    await run.until(() => session.ack(second) === 'done');
    expect(session.ack(first)).toBe('failed');
    expect(session.texts()).toEqual(['one', 'two', 'end']);
  });

  it('a turn found at the start is given on as interrupted, with what it has sent and scheduled', async () => {
    const id = session.say('!send one ;; !schedule water the plants ;; !hang');
    const dead = await start();
    await dead.until(() => session.out().length === 2);
    await dead.stop();
    session.say('!prompt');
    const next = await start(2);
    await next.until(() => session.ack(id) === 'processing' && session.acks().length === 2);
    expect(session.acks().every((ack) => ack.incarnation === 2)).toBe(true);
    session.setStatus(id, 'cancelled');
    await next.until(() => session.ack('in_2') === 'done');
    const prompt = String(session.texts().at(-1));
    expect(prompt).toContain('You were interrupted while working on');
    expect(prompt).toContain('Already sent: "one". Already scheduled: "water the plants".');
  });

  it('says a message again that the model never took in', async () => {
    const id = session.say('hello');
    const dead = await start();
    await dead.until(() => session.ack(id) === 'done');
    await dead.stop();
    const lost = session.say('!reply here');
    const record = {
      turnId: 'turn_x',
      address: { channelType: 'cli', platformId: 'cli:local', threadId: '' },
    };
    dead.loop.store.commit(() => {
      dead.loop.store.acks.set([lost], 'processing');
      dead.loop.store.state.set('turn', { ...record, pushes: [{ uuids: ['never'], messageIds: [lost] }] });
    });
    const next = await start(2);
    await next.until(() => session.ack(lost) === 'done');
    expect(session.texts().at(-1)).toBe('here');
  });

  it('a turn whose messages are all cancelled is not begun again', async () => {
    const id = session.say('!send one ;; !hang');
    const dead = await start();
    await dead.until(() => session.out().length === 1);
    await dead.stop();
    session.setStatus(id, 'cancelled');
    const next = await start(2);
    await next.settle();
    expect(session.state('turn')).toBeUndefined();
    expect(session.acks()).toEqual([]);
  });
});
