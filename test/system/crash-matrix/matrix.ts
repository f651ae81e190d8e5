import { eventually } from '../eventually.js';
import type { HostProcess } from '../host-process.js';
import { createDiscordPlatform } from '../platforms/discord.js';
import { createGoogleChatPlatform } from '../platforms/gchat.js';
import { createGitHubPlatform } from '../platforms/github.js';
import { createLinearPlatform } from '../platforms/linear.js';
import { createResendPlatform } from '../platforms/resend.js';
import { createSlackPlatform, createSlackWebhookPlatform } from '../platforms/slack.js';
import { createTeamsPlatform } from '../platforms/teams.js';
import { createTelegramPlatform } from '../platforms/telegram.js';
import type { Platform } from '../platforms/types.js';
import { createWhatsAppPlatform } from '../platforms/whatsapp.js';
import { finish } from './again.js';
import { armed, type Cell, isOfRunner } from './cells.js';
import { shiftedBy } from './later.js';
import { createStageOn, type Stage } from './stage.js';
import { echo } from './tally.js';

export type Row = ReturnType<Stage['tally']>;

export interface CellOptions {
  /** For the installation's `.env`: which engine. */
  env?: Record<string, string>;
  /** The checkout that hosts run from, where it is not this one. */
  root?: string;
  /** Removes what outlives the host; gets the installation's folder. */
  beforeClose?: (home: string) => Promise<void>;
}

/**
 * Lets a process die at one point while a chat talks, starts it again, and compares what was said with what was asked.
 * Unless it is quiet the chat goes on talking while the host is down and afterwards, and a second one with it.
 */
export async function runCell(
  cell: Cell,
  { beforeClose = async () => {}, ...options }: CellOptions = {},
): Promise<Row> {
  const time = { shift: 0 };
  const stage = createStageOn(await platformOf(cell.channel, () => Date.now() + time.shift), options);
  try {
    const [victim = stage.terminal, bystander] = stage.chats;
    const host = await stage.start(armed(cell));
    victim.ask(cell.asks('m1'));
    const others = cell.quiet ? [] : [victim, ...(bystander ? [bystander] : [])];
    if (!cell.quiet) victim.ask(cell.asks('m2'));
    await died(stage, cell, host);
    for (const place of others) place.ask(echo('m3'));
    time.shift = cell.later;
    const again = isOfRunner(cell.point) ? host : await stage.start(shiftedBy(cell.later));
    for (const place of others) place.ask(echo('m4'));
    return await finish(stage, victim, again.stop);
  } finally {
    await beforeClose(stage.home.home);
    await stage.close();
  }
}

function platformOf(channel: Cell['channel'], now: () => number): Promise<Platform> {
  switch (channel) {
    case 'telegram':
      return createTelegramPlatform();
    case 'slack':
      return createSlackPlatform();
    case 'whatsapp-cloud':
      return createWhatsAppPlatform();
    case 'resend':
      return createResendPlatform();
    case 'slack by webhook':
      return createSlackWebhookPlatform();
    case 'github':
      return createGitHubPlatform();
    case 'linear':
      return createLinearPlatform();
    case 'gchat':
      return createGoogleChatPlatform(now);
    case 'teams':
      return createTeamsPlatform(now);
    case 'discord':
      return createDiscordPlatform(2, now);
    case 'cli':
      return createDiscordPlatform(0, now);
  }
}

/** Waits for the death that was ordered. */
async function died(stage: Stage<Platform>, cell: Cell, host: HostProcess): Promise<void> {
  if (isOfRunner(cell.point))
    await eventually(() => stage.home.log().some(endedByKill), 'the end of the runner');
  else if ((await host.exited) !== null) throw new Error('the host ended by itself');
}

/** A shell's way to say SIGKILL, and an init's. */
const KILLED = 137;
const endedByKill = ({ msg, signal, exitCode }: Record<string, unknown>) =>
  msg === 'container ended unexpectedly' && (signal === 'SIGKILL' || exitCode === KILLED);
