import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listDropped } from '../../../src/db/central/dropped-messages.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { echo } from '../../system/crash-matrix/tally.js';
import { createSimulation, type Simulation } from './world.js';

const MINUTE = 60_000;

/** A chat with another bot in it, which has an answer to everything that ours says. */
async function open(options: { bots: boolean }) {
  const world = await createSimulation({ chats: 1 });
  const [chat = world.terminal] = world.chats;
  world.rewire(options);
  await world.start();
  const { discord } = world;
  const { general } = discord.world;
  const rover = { id: discord.world.nextId(), username: 'rover', global_name: null, bot: true };
  let heard = 0;
  const beep = () => void discord.say(general, 'beep', { from: rover });
  // Asked after each request of the host, and never satisfied.
  void discord.until(() => {
    for (; heard < discord.said(general.id).length; heard += 1) beep();
    return false;
  });
  return { world, chat, beep, said: () => chat.said().length };
}

/** How often a message of a bot was left, by reason. */
function left({ home }: Simulation): Record<string, number> {
  const db = openCentralDb(path.join(home.home, 'data', 'v2.db'));
  const counts = listDropped(db, 0).map(({ reason, count }) => [reason, count]);
  db.close();
  return Object.fromEntries(counts);
}

describe('two bots in one chat that answer each other', { timeout: 240_000 }, () => {
  it('do so not once, where nobody said that bots are to be answered', async () => {
    const { world, chat, said } = await open({ bots: false });
    chat.ask(echo('m1'));
    await world.until(() => said() === 1);
    await world.pass(30 * MINUTE);
    expect(said()).toBe(1);
    expect(left(world)).toEqual({ 'bot-ignored': 1 });
    chat.ask(echo('m2'));
    await world.until(() => said() === 2);
    expect(world.tally()).toMatchObject({ sent: 2, answered: 2, doubled: 0 });
  });

  it('stop after six turns; a person is answered at once, and begins the count anew', async () => {
    const { world, chat, said } = await open({ bots: true });
    chat.ask(echo('m1'));
    await world.until(() => said() === 7);
    await world.pass(9 * MINUTE);
    expect(said()).toBe(7);
    expect(left(world)).toMatchObject({ 'bot-loop': 1 });
    chat.ask(echo('m2'));
    await world.until(() => said() === 14);
    await world.pass(9 * MINUTE);
    expect(chat.said()[7]).toContain('m2');
    expect(said()).toBe(14);
    expect(left(world)).toMatchObject({ 'bot-loop': 2 });
    expect(world.tally()).toMatchObject({ sent: 2, answered: 2, doubled: 0, open: 0, failed: 0 });
  });

  it('may begin again ten minutes later, for as many turns', async () => {
    const { world, chat, beep, said } = await open({ bots: true });
    chat.ask(echo('m1'));
    await world.until(() => said() === 7);
    await world.pass(11 * MINUTE);
    expect(said()).toBe(7);
    beep();
    await world.until(() => said() === 13);
    await world.pass(5 * MINUTE);
    expect(said()).toBe(13);
  });
});
