import { eventually } from '../eventually.js';
import type { HostProcess } from '../host-process.js';
import { finish } from './again.js';
import { armed, type Cell, isOfRunner } from './cells.js';
import { createStage, type Stage } from './stage.js';
import { echo } from './tally.js';

export type Row = ReturnType<Stage['tally']>;

export interface CellOptions {
  /** For the installation's `.env`: which engine. */
  env?: Record<string, string>;
  /** Removes what outlives the host; gets the installation's folder. */
  beforeClose?: (home: string) => Promise<void>;
}

/**
 * Lets a process die at one point while a chat talks, starts it again, and compares what was said with what was asked.
 * Unless it is quiet the chat goes on talking while the host is down and afterwards, and a second one with it.
 */
export async function runCell(
  cell: Cell,
  { env = {}, beforeClose = async () => {} }: CellOptions = {},
): Promise<Row> {
  const stage = await createStage({ env, chats: cell.channel === 'discord' ? 2 : 0 });
  try {
    const [victim = stage.terminal, bystander] = stage.chats;
    const host = await stage.start(armed(cell));
    victim.ask(cell.asks('m1'));
    const others = cell.quiet ? [] : [victim, ...(bystander ? [bystander] : [])];
    if (!cell.quiet) victim.ask(cell.asks('m2'));
    await died(stage, cell, host);
    for (const place of others) place.ask(echo('m3'));
    const again = isOfRunner(cell.point) ? host : await stage.start();
    for (const place of others) place.ask(echo('m4'));
    return await finish(stage, victim, again.stop);
  } finally {
    await beforeClose(stage.home.home);
    await stage.close();
  }
}

/** Waits for the death that was ordered. */
async function died(stage: Stage, cell: Cell, host: HostProcess): Promise<void> {
  if (isOfRunner(cell.point))
    await eventually(() => stage.home.log().some(endedByKill), 'the end of the runner');
  else if ((await host.exited) !== null) throw new Error('the host ended by itself');
}

/** A shell's way to say SIGKILL, and an init's. */
const KILLED = 137;
const endedByKill = ({ msg, signal, exitCode }: Record<string, unknown>) =>
  msg === 'container ended unexpectedly' && (signal === 'SIGKILL' || exitCode === KILLED);
