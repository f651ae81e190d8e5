import { describe, expect, it } from 'vitest';
import { readStageTimes } from '../../../src/db/central/stage-times.js';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { countOf } from '../../../src/metrics/histogram.js';
import { createStageWatch } from '../../../src/metrics/index.js';
import { chat } from '../db/inbound-file.js';
import { createWorld } from '../delivery/world.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

/** Delivery with one message on its way, of which the watch was told. */
async function createWatched() {
  const world = createWorld();
  const { db, clock, manager, session, deps } = world;
  const watch = createStageWatch({ db, clock, log: deps.log, sessions: manager });
  await world.restart({ stages: watch });
  const came = clock.now();
  const { id } = await manager.write(session.id, (inbound) =>
    insertMessage(inbound, chat('m', { address: here, createdAt: came })),
  );
  return {
    ...{ ...world, watch, came, id },
    answer: (stages: unknown, inReplyTo = id) => world.container.put({ text: 'yes', stages }, { inReplyTo }),
    counts: () =>
      Object.fromEntries(
        [...readStageTimes(db, clock.now())].map(([stage, found]) => [stage, countOf(found)]),
      ),
    logged: () => world.lines.filter((line) => line.msg === 'answered').map((line) => line.ms),
  };
}

describe('the stage watch', () => {
  it('tells the whole way of an answered message in one line, and keeps it within a minute', async () => {
    const world = await createWatched();
    world.watch.committed(world.id, { received: world.came, committed: world.came + 2 });
    await world.clock.advance(500);
    world.answer({ claimed: world.came + 10, firstByte: world.came + 300 });
    await world.drain();
    // The container of these tests says that it wrote its rows long ago: held at what came before.
    expect(world.logged()).toEqual([{ intake: 2, claim: 8, model: 290, answer: 0, send: 200, total: 500 }]);
    expect(world.watch.last(world.session.id, here)).toMatchObject({ total: 500 });
    expect(world.counts()).toEqual({});
    await world.clock.advance(60_000);
    expect(world.counts()).toEqual({ intake: 1, claim: 1, model: 1, answer: 1, send: 1, total: 1 });
  });

  it('goes by the row of a message that came before the host was started', async () => {
    const world = await createWatched();
    await world.clock.advance(500);
    world.answer({ claimed: world.came + 10, firstByte: null });
    await world.drain();
    expect(world.logged()).toEqual([{ send: 490, total: 500 }]);
  });

  it('measures nothing where a container names a message that is not there, or tells nonsense', async () => {
    const world = await createWatched();
    world.answer({ claimed: 1, firstByte: null }, 'in_other');
    world.answer({ claimed: 'early', firstByte: -1 });
    world.answer(undefined);
    await world.drain();
    expect(world.said()).toEqual(['yes', 'yes', 'yes']);
    expect(world.logged()).toEqual([]);
    expect(world.watch.last(world.session.id, here)).toBeNull();
  });

  it('adds to what was kept, sets no timer while nothing happens, and forgets after a week', async () => {
    const world = await createWatched();
    const idle = world.clock.pending();
    for (let n = 0; n < 2; n += 1) {
      world.answer({ claimed: world.came, firstByte: world.came });
      await world.drain();
      world.watch.flush();
    }
    expect(world.clock.pending()).toBe(idle);
    expect(world.counts()).toMatchObject({ total: 2 });
    world.clock.jumpWall(7 * 86_400_000);
    expect(world.counts()).toEqual({});
  });

  it('outlives figures that somebody spoilt', async () => {
    const world = await createWatched();
    world.answer({ claimed: world.came, firstByte: world.came });
    await world.drain();
    world.watch.flush();
    world.db.exec(`UPDATE stage_times SET counts = '[[1,-4],"x"'`);
    world.answer({ claimed: world.came, firstByte: world.came });
    await world.drain();
    world.watch.flush();
    expect(world.counts()).toMatchObject({ total: 1 });
  });
});
