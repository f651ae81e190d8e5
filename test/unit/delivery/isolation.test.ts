import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createContainer } from './container.js';
import { createWorld, settle } from './world.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

describe('what goes wrong elsewhere', () => {
  it('ends nobody while it is the reader that cannot be asked, and reads when it can', async () => {
    let away = true;
    const world = createWorld();
    const read: typeof world.deps.reader.read = (request) =>
      away ? Promise.resolve({ kind: 'away' }) : world.deps.reader.read(request);
    await world.restart({ reader: { read } });
    world.container.say('one');
    void world.delivery().drain(world.session.id);
    await world.pass(120_000, 100);
    expect(world.calls).toEqual([]);
    away = false;
    await world.pass(5000, 100);
    expect(world.said()).toEqual(['one']);
  });

  it('goes on with a session that could not be looked up for a moment', async () => {
    const world = createWorld();
    let broken = true;
    const get = (sessionId: string) => {
      if (broken) throw new Error('disk I/O error');
      return world.manager.get(sessionId);
    };
    await world.restart({ sessions: { ...world.manager, get } });
    world.container.say('one');
    await Promise.all([world.delivery().drain(world.session.id), world.delivery().drain(world.session.id)]);
    broken = false;
    await world.drain();
    expect(world.said()).toEqual(['one']);
  });

  it('keeps no place of the channel for a session whose file cannot be written', async () => {
    const world = createWorld();
    const other = world.resolve('other', 'per-thread');
    world.channel.setHealth({ state: 'connecting', detail: 'not yet' });
    for (let n = 0; n < 20; n += 1) {
      const to = { ...here, threadId: `t${n}` };
      await world.delivery().notice(world.session.id, { to, text: `${n}`, dedupeKey: null, code: 'x' });
    }
    await settle();
    const write: typeof world.manager.write = (sessionId, ...rest) =>
      sessionId === world.session.id
        ? Promise.reject(new Error('the file is broken'))
        : world.manager.write(sessionId, ...rest);
    await world.restart({ sessions: { ...world.manager, write } });
    world.channel.setHealth({ state: 'connected' });
    await world.pass(10_000);
    await world.drain();
    await world.delivery().notice(other.id, { to: here, text: 'of the other', dedupeKey: null, code: 'x' });
    await world.pass(1000);
    expect(world.said()).toEqual(['of the other']);
  });

  it('stops in order with a session whose file cannot be written, and takes back what others announced', async () => {
    const world = createWorld();
    const other = world.resolve('other', 'per-thread');
    const container = createContainer(world.manager.paths(other));
    let broken = false;
    const write: typeof world.manager.write = (sessionId, ...rest) =>
      broken && sessionId === world.session.id
        ? Promise.reject(new Error('the file is broken'))
        : world.manager.write(sessionId, ...rest);
    await world.restart({ sessions: { ...world.manager, write } });
    world.channel.behave = () => 'hang';
    // All places of the channel are taken: what is announced behind them is not begun.
    for (let n = 0; n < 15; n += 1) container.say(`busy ${n}`, { threadId: `${n}` });
    await world.drain(other.id);
    world.container.say('one', { threadId: 'a' });
    world.container.say('two', { threadId: 'b' });
    container.say('three', { threadId: 'c' });
    await Promise.all([world.drain(), world.drain(other.id)]);
    broken = true;
    const stopping = world.delivery().stop(10_000);
    world.channel.release();
    await stopping;
    expect(world.channel.asked).toHaveLength(16);
    const file = new Database(world.manager.paths(other).inboundDb, { readonly: true });
    onTestFinished(() => void file.close());
    const open = file.prepare('SELECT state, doubt_since FROM delivered WHERE next_attempt_at IS NOT NULL');
    expect(open.all()).toEqual([{ state: 'failed', doubt_since: null }]);
  });
});
