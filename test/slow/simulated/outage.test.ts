import { expect, it } from 'vitest';
import { echo } from '../../system/crash-matrix/tally.js';
import { createSimulation } from './world.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONGEST = { timeout: 240_000 };
const nothing = { lost: 0, doubled: 0, outOfOrder: 0, open: 0, unknown: 0, dead: 0, failed: 0 };

/** The answer is there a while after the question. */
const later = (mark: string, ms: number) => ({
  text: `!send ${mark}-begun ;; !sleep ${ms} ;; !reply ${mark}-done`,
  sends: [`${mark}-begun`],
  replies: [`${mark}-done`],
});

it(
  'six hours without Discord: what was pending and what was asked meanwhile arrives once, in order',
  LONGEST,
  async () => {
    const world = await createSimulation();
    const [chat = world.terminal, other = world.terminal] = world.chats;
    await world.start();
    chat.ask(later('m1', 10 * MINUTE));
    other.ask(later('n1', 2 * MINUTE));
    await world.until(() => chat.said().length === 1 && other.said().length === 1);
    chat.ask(echo('m2'));
    await world.until(() => world.tally().open >= 3);

    await world.discord.goDown();
    for (const hour of [1, 2, 3, 4, 5, 6]) {
      await world.pass(HOUR);
      chat.ask(echo(`m${hour + 2}`));
      other.ask(echo(`n${hour + 1}`));
    }
    const { answered, dead, open } = world.tally();
    expect({ answered, dead }).toEqual({ answered: 0, dead: 0 });
    expect(open).toBeGreaterThan(0);

    await world.discord.comeUp();
    await world.until(() => world.tally().lost === 0 && world.tally().open === 0);
    expect(world.tally()).toMatchObject({ ...nothing, sent: 15, answered: 15 });
  },
);
