import { describe, expect, it } from 'vitest';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { openTask } from '../../../src/db/inbound/tasks.js';
import { chat, createSweepWorld, settle } from './world.js';

const HOUR = 3_600_000;
/** The clock begins on 15 January 2026 at 13:00 in Berlin. */
const slot = Date.parse('2026-01-16T08:00Z');

async function createTaskWorld(missed: 'latest' | 'skip') {
  const world = createSweepWorld();
  const id = world.add();
  await world.sessions.write(id, (db) =>
    insertMessage(db, {
      ...{ kind: 'task', trigger: 1, address: chat, createdAt: world.clock.now(), processAfter: slot },
      ...{ seriesId: 'ser_1', recurrence: '0 9 * * *', content: { prompt: 'p', chat: '', missed } },
    }),
  );
  await world.sweep.start();
  const next = () => {
    const { status, processAfter } = world.sessions.read(id, (db) => openTask(db, 'ser_1')) ?? {};
    return { status, at: new Date(processAfter ?? 0).toISOString() };
  };
  return { ...world, id, next };
}

describe('tasks', () => {
  it('start the agent at their time', async () => {
    const world = await createTaskWorld('latest');
    await world.clock.advance(slot - world.clock.now() - 1);
    expect(world.engine.starts).toHaveLength(0);
    await world.clock.advance(1);
    await settle();
    expect(world.engine.starts).toHaveLength(1);
  });

  it('that skip what was missed start nobody after three days of sleep', async () => {
    const world = await createTaskWorld('skip');
    world.suspend(72 * HOUR);
    await world.clock.advance(2000);
    await settle();
    expect(world.engine.starts).toHaveLength(0);
    expect(world.next()).toEqual({ status: 'pending', at: '2026-01-19T08:00:00.000Z' });
    await world.clock.advance(Date.parse('2026-01-19T08:00Z') - world.clock.now());
    await settle();
    expect(world.engine.starts).toHaveLength(1);
  });

  it('that run late start it once', async () => {
    const world = await createTaskWorld('latest');
    world.suspend(72 * HOUR);
    await world.clock.advance(2000);
    await settle();
    expect(world.engine.starts).toHaveLength(1);
  });

  it('that three containers ended over are tried again at their next slot', async () => {
    const world = await createTaskWorld('latest');
    await world.clock.advance(slot - world.clock.now());
    for (let round = 0; round < 3; round += 1) {
      while (!world.container(world.id)?.running) await world.clock.advance(500);
      world.container(world.id)?.exit({ exitCode: 1 });
      await settle();
    }
    expect(world.next()).toEqual({ status: 'pending', at: '2026-01-17T08:00:00.000Z' });
  });
});
