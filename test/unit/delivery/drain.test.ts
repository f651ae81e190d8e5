import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { deliveryCursor } from '../../../src/db/inbound/delivery-cursor.js';
import { insertNotice } from '../../../src/db/inbound/notices.js';
import { readFileNoFollow } from '../../../src/files/no-follow.js';
import { createOutboundReader } from '../../../src/outbound-reader/index.js';
import type { OutboundRead } from '../../../src/outbound-reader/types.js';
import { silentLog } from '../../fakes/log.js';
import { createWorld, settle, until } from './world.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };
const nothing: OutboundRead = { kind: 'rows', rows: [], acks: [], more: false };

function scripted(answers: OutboundRead[]) {
  return { read: async () => answers.shift() ?? nothing };
}

describe('drain', () => {
  it('works through the real reader process', async () => {
    const world = createWorld();
    const { sessions } = { sessions: world.manager.paths(world.session).root };
    const deps = { sessionsDir: sessions, clock: systemClock, log: silentLog };
    const reader = createOutboundReader(deps);
    try {
      await world.restart({ reader, readFile: readFileNoFollow });
      world.container.say('one');
      // The first answer may be that the process is still starting: then it is read again from a timer.
      const drained = world.delivery().drain(world.session.id);
      let done = false;
      void drained.then(() => {
        done = true;
      });
      while (!done || world.channel.arrived.length === 0) await world.clock.advance(10);
      expect(world.said()).toEqual(['one']);
    } finally {
      await reader.close();
    }
  });

  it('waits for a writer that holds the file, and reads later what it could not wait for', async () => {
    const reader = scripted(Array.from({ length: 30 }, () => ({ kind: 'busy' as const })));
    const world = createWorld({ reader });
    let done = false;
    void world
      .delivery()
      .drain(world.session.id)
      .then(() => {
        done = true;
      });
    await world.pass(2000, 100);
    expect(done).toBe(false);
    await world.pass(2000, 100);
    expect(done).toBe(true);
    expect(world.clock.pending()).toBe(1);
  });

  it('reads what is just being written as soon as it can be there', async () => {
    const world = createWorld();
    const { reader } = world.deps;
    let asked = 0;
    const read: typeof reader.read = async (request) => {
      asked += 1;
      return asked === 1 ? { kind: 'busy' } : reader.read(request);
    };
    await world.restart({ reader: { read } });
    world.container.say('one');
    const drained = world.delivery().drain(world.session.id);
    await world.pass(1, 1);
    await drained;
    await settle();
    expect(world.said()).toEqual(['one']);
  });

  it('ends a container that holds the file for half a minute', async () => {
    const world = createWorld({ reader: { read: async () => ({ kind: 'busy' }) } });
    void world.delivery().drain(world.session.id);
    await world.pass(28_000, 100);
    expect(world.calls).toEqual([]);
    await world.pass(12_000, 100);
    expect(world.calls).toEqual([`stop ${world.session.id} lock-held`]);
  });

  it('has a hot journal recovered, then reads', async () => {
    const reader = scripted([{ kind: 'recover' }]);
    const world = createWorld({ reader });
    await world.drain();
    expect(world.calls).toEqual([`recover ${world.session.id}`]);
  });

  it('ends the container whose file is not what we made, tells the chat once an hour, and nobody else', async () => {
    const bad = { kind: 'bad' as const, code: 'outbound-schema', message: 'outbound.db was changed.' };
    const world = createWorld({ reader: { read: async () => bad } });
    await world.manager.refreshRouting(world.session.id, here);
    await world.drain();
    await world.pass(10_000);
    expect(world.said()).toEqual([
      "Something is wrong with this conversation's files, so I had to stop. I'll try again.",
    ]);
    expect(world.calls[0]).toBe(`stop ${world.session.id} bad-output`);
  });

  it('keeps its place while the queue runs empty during a reading: nothing is sent by two', async () => {
    const world = createWorld();
    let open: () => void = () => {};
    const { reader } = world.deps;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await world.restart({
      reader: {
        async read(request) {
          await gate;
          return reader.read(request);
        },
      },
    });
    world.container.say('one');
    const draining = world.delivery().drain(world.session.id);
    await world.delivery().notice(world.session.id, { to: here, text: 'x', dedupeKey: null, code: 't' });
    await settle();
    world.channel.behave = () => 'hang';
    open();
    await draining;
    await world.drain();
    expect(world.said()).toEqual(['x']);
    expect(world.channel.asked).toHaveLength(2);
    expect(world.ledger().find((row) => row.key === 'out:out_1')).toMatchObject({ state: 'sending' });
  });

  it('never rejects, for no session and for a broken one', async () => {
    const world = createWorld();
    await world.delivery().drain('ses_none');
    await world.restart({ reader: { read: () => Promise.reject(new Error('reader gone')) } });
    await world.delivery().drain(world.session.id);
    expect(world.lines.some((line) => line.reason === 'reader gone')).toBe(true);
  });

  it('reads a session that cannot be read less and less often, by one timer', async () => {
    let reads = 0;
    const reader = {
      async read(): Promise<OutboundRead> {
        reads += 1;
        throw new Error('broken');
      },
    };
    const world = createWorld({ reader });
    for (let n = 0; n < 5; n += 1) await world.drain();
    expect(world.clock.pending()).toBe(1);
    reads = 0;
    await world.pass(3_600_000, 10_000);
    expect(reads).toBeGreaterThan(10);
    expect(reads).toBeLessThan(30);
  });

  it('takes along notices that others wrote', async () => {
    const world = createWorld();
    const now = world.clock.now();
    const notice = { id: 'ntc_x', to: here, text: 'given up', afterSeq: 0, dedupeKey: null };
    world.channel.behave = ({ to }) => (to.platformId === 'fake:2' ? 'hang' : 'ok');
    world.container.say('elsewhere', { to: 'fake:2' });
    await world.drain();
    await world.manager.write(world.session.id, (db) => void insertNotice(db, notice, now));
    await world.drain();
    expect(world.said()).toEqual(['given up']);
  });

  it('drops everything of a session that was unregistered', async () => {
    const world = createWorld();
    world.channel.behave = () => 'hang';
    world.container.say('one');
    world.container.say('two');
    await world.drain();
    world.db.prepare('DELETE FROM sessions').run();
    world.channel.release();
    await settle();
    expect(world.said()).toEqual(['one']);
    expect(world.clock.pending()).toBe(0);
  });
});

describe('notices', () => {
  it('take their place behind what was said before, and are said once for a key', async () => {
    const world = createWorld();
    world.channel.behave = () => 'hang';
    world.container.say('before');
    await world.drain();
    const notice = { to: here, text: 'notice', dedupeKey: 'k', code: 'test' };
    expect(await world.delivery().notice(world.session.id, notice)).toBe(true);
    expect(await world.delivery().notice(world.session.id, notice)).toBe(false);
    world.container.say('behind');
    await world.drain();
    world.channel.behave = () => 'ok';
    world.channel.release();
    await until(() => world.channel.arrived.length === 3);
    expect(world.said()).toEqual(['before', 'notice', 'behind']);
    expect(await world.delivery().notice(world.session.id, notice)).toBe(false);
  });

  it('keep their place over a restart', async () => {
    const world = createWorld();
    world.channel.setHealth({ state: 'connecting', detail: 'x' });
    world.container.say('before');
    await world.drain();
    const said = { to: here, text: 'notice', dedupeKey: null, code: 'test' };
    await world.delivery().notice(world.session.id, said);
    world.container.say('behind');
    await world.drain();
    await world.restart();
    world.channel.setHealth({ state: 'connected' });
    world.delivery().channelConnected('fake');
    await settle();
    expect(world.said()).toEqual(['before', 'notice', 'behind']);
  });

  it('move no cursor', async () => {
    const world = createWorld();
    await world.delivery().notice(world.session.id, { to: here, text: 'x', dedupeKey: null, code: 'test' });
    expect(world.manager.read(world.session.id, deliveryCursor)).toEqual({ seq: 0, ack: 0 });
  });
});

describe('stop', () => {
  it('waits for what is under way, starts nothing more, and leaves the rest for the next start', async () => {
    const world = createWorld();
    world.channel.behave = () => 'hang';
    world.container.say('under way');
    world.container.say('next');
    await world.drain();
    let stopped = false;
    const stopping = world
      .delivery()
      .stop(10_000)
      .then(() => {
        stopped = true;
      });
    await settle();
    expect(stopped).toBe(false);
    world.channel.release();
    await stopping;
    expect(world.ledger().map((row) => [row.state, row.doubt])).toEqual([
      ['sent', null],
      ['failed', null],
    ]);
    world.channel.behave = () => 'ok';
    await world.restart();
    await world.drain();
    expect(world.said()).toEqual(['under way', 'next']);
  });

  it('begins nothing that waits for a place, and knows that nothing of it has arrived', async () => {
    const world = createWorld();
    world.channel.behave = () => 'hang';
    for (let n = 0; n < 18; n += 1) world.container.say(`t${n}`, { threadId: `${n}` });
    await world.drain();
    const stopping = world.delivery().stop(10_000);
    world.channel.release();
    await stopping;
    expect(world.channel.asked).toHaveLength(16);
    const waiting = world.ledger().filter((row) => row.state !== 'sent');
    expect(waiting.map((row) => [row.state, row.doubt])).toEqual([
      ['failed', null],
      ['failed', null],
    ]);
  });

  it('gives up waiting after its grace', async () => {
    const world = createWorld();
    world.channel.behave = () => 'hang';
    world.container.say('under way');
    await world.drain();
    const stopping = world.delivery().stop(10_000);
    await world.pass(10_000);
    await stopping;
    expect(world.ledger()[0]).toMatchObject({ state: 'sending' });
    await expect(
      world.delivery().notice(world.session.id, { to: here, text: 'x', dedupeKey: null, code: 'test' }),
    ).rejects.toMatchObject({ code: 'delivery-stopped' });
  });
});
