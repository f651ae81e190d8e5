import { describe, expect, it } from 'vitest';
import { echo } from '../../system/crash-matrix/tally.js';
import { createSimulation, type Simulation } from './world.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const nothing = { lost: 0, doubled: 0, outOfOrder: 0, open: 0, unknown: 0, dead: 0, failed: 0 };
const UNDELIVERED = "I couldn't deliver a message here. Send /again and I'll try once more.";

/** Two chats, and the requests by which something is said in the first. */
async function open() {
  const world = await createSimulation();
  const [chat = world.terminal, other = world.terminal] = world.chats;
  const saying = `POST /channels/${world.discord.world.general.id}/messages`;
  await world.start();
  return {
    ...{ world, chat, other },
    match: new RegExp(`^${saying}$`),
    tried: () => world.discord.requests.filter((request) => request === saying).length,
    done: () => world.until(() => world.tally().lost === 0 && world.tally().open === 0),
  };
}

const again = async (world: Simulation) => {
  await world.stop();
  await world.start();
};

describe('Discord in simulated time', { timeout: 240_000 }, () => {
  it('asks to wait: that chat waits so long, over a restart, and no other', async () => {
    const { world, chat, other, match, tried, done } = await open();
    const body = { message: 'slow down', retry_after: 900, global: false };
    world.discord.faults.next(match, { kind: 'answer', status: 429, body });
    const askedAt = world.clock.now();
    chat.ask(echo('m1'));
    await world.until(() => tried() === 1);
    chat.ask(echo('m2'));
    other.ask(echo('n1'));
    await world.until(() => other.tally().answered === 1);
    expect(world.clock.now() - askedAt).toBeLessThan(MINUTE);
    await world.pass(5 * MINUTE);
    await again(world);
    await world.pass(9 * MINUTE);
    expect(tried()).toBe(1);
    await done();
    expect(world.clock.now() - askedAt).toBeGreaterThanOrEqual(15 * MINUTE);
    expect(world.clock.now() - askedAt).toBeLessThan(17 * MINUTE);
    expect(world.tally()).toMatchObject({ ...nothing, sent: 3, answered: 3 });
  });

  it('never takes one message: it is given up, the chat is told in its place, and the good ones behind it arrive', async () => {
    const { world, chat, match, done } = await open();
    const refused = { code: 50013, message: 'Missing Permissions' };
    world.discord.faults.next(match, { kind: 'answer', status: 403, body: refused });
    chat.ask({ text: '!send poison ;; !reply m1', sends: [], replies: ['m1'] });
    for (const mark of ['m2', 'm3']) chat.ask(echo(mark));
    await done();
    expect(world.tally()).toMatchObject({ ...nothing, dead: 1, sent: 3, answered: 3 });
    expect(chat.said()[0]).toBe(UNDELIVERED);
  });

  it('fails for one message while the host is started again after each attempt: six tries in all', async () => {
    const { world, chat, other, match, tried, done } = await open();
    world.discord.faults.next(match, { kind: 'answer', status: 500, body: { message: '500' } }, 6);
    chat.ask({ ...echo('poison'), replies: [] });
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      await world.until(() => tried() >= attempt);
      if (attempt < 6) await again(world);
      // The channel itself works, and what is asked in the chat meanwhile waits for its turn.
      chat.ask(echo(`m${attempt}`));
      other.ask(echo(`n${attempt}`));
      await world.until(() => other.tally().lost === 0);
    }
    await done();
    expect(world.tally()).toMatchObject({ ...nothing, dead: 1, sent: 12, answered: 12 });
    expect(chat.said()[0]).toBe(UNDELIVERED);
  });

  it('fails for everybody while the host is started again after each attempt: all arrives once, in order', async () => {
    const { world, chat, other, tried, done } = await open();
    const any = /^POST \/channels\/\d+\/messages$/;
    world.discord.faults.next(any, { kind: 'answer', status: 503, body: { message: '503' } }, 1000);
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      chat.ask(echo(`m${attempt}`));
      other.ask(echo(`n${attempt}`));
      const before = tried();
      await world.until(() => tried() > before);
      await again(world);
    }
    expect(world.tally()).toMatchObject({ answered: 0, dead: 0 });
    world.discord.faults.clear();
    await done();
    expect(world.tally()).toMatchObject({ ...nothing, sent: 16, answered: 16 });
  });

  it.each([
    ['while the host runs', false],
    ['over a restart', true],
  ])(
    'works for all, and the clock was set back by three hours %s: nothing waits for it',
    async (_, restart) => {
      const { world, chat, other, tried, done } = await open();
      const any = /^POST \/channels\/\d+\/messages$/;
      world.discord.faults.next(any, { kind: 'answer', status: 503, body: { message: '503' } }, 1000);
      chat.ask(echo('m1'));
      other.ask(echo('n1'));
      await world.until(() => tried() >= 3);
      if (restart) await world.stop();
      world.clock.jumpWall(-3 * HOUR);
      world.discord.faults.clear();
      if (restart) await world.start();
      await world.pass(MINUTE);
      expect(world.tally()).toMatchObject({ ...nothing, sent: 2, answered: 2 });
      chat.ask(echo('m2'));
      await done();
      expect(world.tally()).toMatchObject({ ...nothing, sent: 3, answered: 3 });
    },
  );
});
