import { describe, expect, test } from 'vitest';
import type { InboundEvent } from '../../../../src/channels/adapter.js';
import { createLanes } from '../../../../src/channels/chat-sdk/lanes.js';
import { createFakeClock } from '../../../fakes/clock.js';
import { silentLog } from '../../../fakes/log.js';

const eventOf = (messageId: string): InboundEvent => ({
  channelType: 'test',
  platformId: 'test:1',
  threadId: '',
  messageId,
  kind: 'message',
  chatName: 'Test',
  isGroup: true,
  mentioned: false,
  sender: { id: 'test:ada', name: 'Ada', isBot: false, self: false },
  text: messageId,
  replyTo: null,
  attachments: [],
  at: 0,
});

function setUp(past: string[] = []) {
  const clock = createFakeClock();
  const ending = new AbortController();
  const taken: string[] = [];
  const asked: string[] = [];
  const world = { refuse: false, tries: 0, historyError: null as Error | null, past };
  const lanes = createLanes({
    async receive(event) {
      world.tries += 1;
      if (world.refuse) throw new Error('disk full');
      taken.push(event.messageId);
    },
    async *history(_, after) {
      asked.push(after);
      if (world.historyError) throw world.historyError;
      for (const id of world.past) if (id > after) yield eventOf(id);
    },
    cursor: () => taken.at(-1) ?? null,
    isPermanent: (error) => error instanceof TypeError,
    clock,
    random: () => 1,
    log: silentLog,
    signal: ending.signal,
  });
  const push = (id: string, chat = 'test:1') => lanes.push(chat, async () => eventOf(id));
  return { clock, ending, taken, asked, world, lanes, push };
}

describe('lanes', () => {
  test('a gap is filled before what comes after it', async () => {
    const { clock, lanes, push, taken } = setUp(['1', '2', '3']);
    lanes.fillGap('test:1', '1');
    const settled = push('4');
    await clock.advance(0);
    await settled;
    expect(taken).toEqual(['2', '3', '4']);
  });

  test('a gap that breaks off goes on behind the last message that was taken in', async () => {
    const { clock, lanes, asked, taken, world } = setUp(['1', '2', '3']);
    const broken = world.past;
    world.past = [];
    world.historyError = new Error('outage');
    lanes.fillGap('test:1', '1');
    await clock.advance(0);
    world.historyError = null;
    world.past = broken;
    await clock.advance(1000);
    expect(taken).toEqual(['2', '3']);
    expect(asked).toEqual(['1', '1']);
  });

  test('a history that may not be read does not block its chat', async () => {
    const { clock, lanes, push, taken, world } = setUp();
    world.historyError = new TypeError('forbidden');
    lanes.fillGap('test:1', '1');
    void push('2');
    await clock.advance(0);
    expect(taken).toEqual(['2']);
  });

  test('tries at growing intervals until it is durable, and only then settles', async () => {
    const { clock, push, taken, world } = setUp();
    world.refuse = true;
    let settled = false;
    void push('1').then((taken) => {
      settled = taken;
    });
    await clock.advance(6000);
    expect(settled).toBe(false);
    expect(world.tries).toBe(3);
    world.refuse = false;
    await clock.advance(1000);
    expect(taken).toEqual(['1']);
    expect(settled).toBe(true);
  });

  test('what does not fit into memory is read from the history later: nothing is lost, order kept', async () => {
    const { clock, push, taken, world } = setUp();
    const id = (n: number) => String(n).padStart(5, '0');
    void push(id(0));
    await clock.advance(0);
    world.refuse = true;
    void push(id(1));
    await clock.advance(0);
    for (let n = 2; n <= 1500; n += 1) void push(id(n));
    world.past = Array.from({ length: 1501 }, (_, n) => id(n));
    world.refuse = false;
    await clock.advance(10_000);
    expect([...new Set(taken)]).toEqual(world.past);
  });

  test('stopping ends the waiting, and nothing is taken in afterwards', async () => {
    const { clock, ending, push, taken, world } = setUp();
    world.refuse = true;
    const settled = push('1');
    await clock.advance(0);
    ending.abort();
    expect(await settled).toBe(false);
    world.refuse = false;
    await clock.advance(600_000);
    expect(taken).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
