import { eventually } from '../eventually.js';
import type { HostProcess } from '../host-process.js';
import { finish } from './again.js';
import { armed, type Cell, isOfRunner } from './cells.js';
import { createStage, type Stage } from './stage.js';
import { echo } from './tally.js';

export type Row = ReturnType<Stage['tally']>;

/**
 * Lets a process die at one point while a chat talks, starts it again, and compares what was said with what was asked.
 * The chat goes on talking while the host is down and afterwards; a second one has nothing to do with the crash.
 */
export async function runCell(cell: Cell, env: Record<string, string> = {}): Promise<Row> {
  const stage = await createStage({ env, chats: cell.channel === 'discord' ? 2 : 0 });
  try {
    const [victim = stage.terminal, bystander] = stage.chats;
    const host = await stage.start(armed(cell));
    for (const mark of ['m1', 'm2']) victim.ask(cell.asks(mark));
    await died(stage, cell, host);
    victim.ask(echo('m3'));
    bystander?.ask(echo('b1'));
    const again = isOfRunner(cell.point) ? host : await stage.start();
    victim.ask(echo('m4'));
    bystander?.ask(echo('b2'));
    return await finish(stage, victim, again.stop);
  } finally {
    await stage.close();
  }
}

/** Waits for the death that was ordered. */
async function died(stage: Stage, cell: Cell, host: HostProcess): Promise<void> {
  if (isOfRunner(cell.point))
    await eventually(() => stage.home.log().some(endedByKill), 'the end of the runner');
  else if ((await host.exited) !== null) throw new Error('the host ended by itself');
}

const endedByKill = (line: Record<string, unknown>) =>
  line.msg === 'container ended unexpectedly' && line.signal === 'SIGKILL';
