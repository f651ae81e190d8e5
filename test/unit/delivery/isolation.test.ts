import { describe, expect, it } from 'vitest';
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
});
