import { describe, expect, it } from 'vitest';
import { triesOf } from '../../../src/db/central/session-tries.js';
import { getMessage, insertMessage, type MessageIn } from '../../../src/db/inbound/messages-in.js';
import { chat, createPlace, createSweepWorld, settle } from './world.js';

type World = ReturnType<typeof createSweepWorld>;

const CRASH = { exitCode: 1 };

async function crash(world: World, id: string, report: object = CRASH): Promise<void> {
  while (!world.container(id)?.running) await world.clock.advance(500);
  await settle();
  world.container(id)?.exit(report);
  await settle();
}
const status = (world: World, id: string, message: string): MessageIn['status'] | undefined =>
  world.sessions.read(id, (db) => getMessage(db, message))?.status;
const notices = (world: World, id: string) =>
  world.sessions.read(id, (db) =>
    db.prepare<[], { text: string; platform_id: string }>('SELECT text, platform_id FROM notices').all(),
  );

describe('tries', () => {
  it('gives a message up after three containers, says so in its chat, and leaves it at that', async () => {
    const world = createSweepWorld();
    const id = world.add();
    const message = await world.say(id);
    world.runner.wake(id);
    await crash(world, id);
    await crash(world, id);
    expect(triesOf(world.central, id)).toBe(2);
    expect(status(world, id, message)).toBe('pending');
    const drainedBefore = world.drained.length;
    await crash(world, id);
    expect(status(world, id, message)).toBe('failed');
    expect(notices(world, id)).toEqual([
      { text: expect.stringContaining('stopped unexpectedly'), platform_id: chat.platformId },
    ]);
    // Before it is judged, and again so that the notice goes out.
    expect(world.drained.length - drainedBefore).toBe(2);
    expect(triesOf(world.central, id)).toBe(0);
    await world.clock.advance(600_000);
    expect(world.engine.starts).toHaveLength(3);
  });

  it.each([
    // The engine's flag is also set when only a child of a healthy runner was killed.
    [137, 'out of memory'],
    [0, 'stopped unexpectedly'],
  ])('tells a lack of memory apart: exit code %i, %s', async (exitCode, words) => {
    const world = createSweepWorld();
    const id = world.add();
    await world.run(id);
    for (let round = 0; round < 3; round += 1) await crash(world, id, { exitCode, outOfMemory: true });
    expect(notices(world, id)[0]?.text).toContain(words);
  });

  it('counts in v2.db, over restarts of the host', async () => {
    const place = createPlace();
    const first = createSweepWorld({ place });
    const id = first.add();
    const message = await first.say(id);
    first.runner.wake(id);
    await crash(first, id);
    await crash(first, id);
    await first.clock.advance(5000);
    await first.runner.close();
    first.container(id)?.exit(CRASH);
    const second = createSweepWorld({ place });
    await second.runner.boot();
    await settle();
    expect(status(second, id, message)).toBe('failed');
  });

  it('charges nothing for what we stopped ourselves, and a try for what had to be killed', async () => {
    const world = createSweepWorld();
    const id = world.add();
    await world.run(id);
    await world.runner.stop(id, 'stop');
    await settle();
    expect(triesOf(world.central, id)).toBe(0);
    await world.runner.stop(id, 'lock-held', 0);
    await settle();
    expect(triesOf(world.central, id)).toBe(1);
  });

  it('starts counting anew when a message was answered', async () => {
    const world = createSweepWorld();
    const id = world.add();
    await world.run(id);
    await crash(world, id);
    await crash(world, id);
    await world.answer(id);
    const next = await world.say(id);
    await crash(world, id);
    expect(triesOf(world.central, id)).toBe(1);
    expect(status(world, id, next)).toBe('pending');
  });

  it('does not charge a message whose answer was only waiting to be read', async () => {
    let world: World | null = null;
    world = createSweepWorld({ drain: async (sessionId) => void (await world?.answer(sessionId)) });
    const id = world.add();
    await world.run(id);
    await crash(world, id);
    expect(triesOf(world.central, id)).toBe(0);
    expect(world.runner.isScheduled(id)).toBe(false);
  });

  it('counts nothing while what the container left cannot be read: its answer may be there', async () => {
    let world: World | null = null;
    let readable = false;
    const drain = async (sessionId: string) => {
      if (readable) await world?.answer(sessionId);
      return readable;
    };
    world = createSweepWorld({ drain });
    const id = world.add();
    const message = await world.say(id);
    world.runner.wake(id);
    for (let round = 0; round < 3; round += 1) await crash(world, id);
    expect(triesOf(world.central, id)).toBe(0);
    expect([status(world, id, message), notices(world, id)]).toEqual(['pending', []]);
    readable = true;
    await crash(world, id);
    expect([status(world, id, message), notices(world, id)]).toEqual(['done', []]);
  });

  it('gives up the poison in front and lets the good ones behind it through', async () => {
    const world = createSweepWorld();
    const id = world.add();
    const poison = await world.say(id);
    const good = await world.say(id);
    world.runner.wake(id);
    for (let round = 0; round < 3; round += 1) await crash(world, id);
    expect(status(world, id, poison)).toBe('failed');
    expect(status(world, id, good)).toBe('pending');
    await world.clock.advance(60_000);
    expect(world.runner.isUp(id)).toBe(true);
    await world.answer(id);
    world.container(id)?.exit();
    await settle();
    expect(triesOf(world.central, id)).toBe(0);
    expect(notices(world, id)).toHaveLength(1);
  });

  it('gives each of many that kill every container one more try, not three', async () => {
    const world = createSweepWorld();
    const id = world.add();
    const messages = [await world.say(id), await world.say(id), await world.say(id)];
    world.runner.wake(id);
    for (let round = 0; round < 5; round += 1) await crash(world, id);
    expect(messages.map((message) => status(world, id, message))).toEqual(Array(3).fill('failed'));
  });

  it('answers in the default chat where a message names none', async () => {
    const world = createSweepWorld();
    const id = world.add();
    await world.sessions.refreshRouting(id, chat);
    const nowhere = { channelType: '', platformId: '', threadId: '' };
    const content = { type: 'new_conversation' } as const;
    await world.sessions.write(id, (db) =>
      insertMessage(db, { kind: 'system', trigger: 1, address: nowhere, createdAt: 0, content }),
    );
    world.runner.wake(id);
    for (let round = 0; round < 3; round += 1) await crash(world, id);
    expect(notices(world, id)).toEqual([{ text: expect.any(String), platform_id: chat.platformId }]);
  });
});
