import { setTimeout as sleep } from 'node:timers/promises';
import { inspectProcess } from '../../../src/engine/process/identity.js';
import type { Fault } from '../../fakes/discord/faults.js';
import type { HostProcess } from '../host-process.js';
import { finish } from './again.js';
import { hostPoints } from './cells.js';
import type { Place } from './places.js';
import { createSeeded, type Seeded } from './seeded.js';
import { type RunnerRecord, runnerRecords, sessionsTried } from './session-files.js';
import { createStage, type Stage } from './stage.js';
import { type Asked, echo, longReply, sendThenReply } from './tally.js';

export interface Campaign {
  seed: number;
  /** Discord chats; a thread of the first one and the terminal talk as well. */
  chats: number;
  /** Said in all, evenly over the rounds. */
  messages: number;
  /** Rounds, each ended by a death. */
  kills: number;
  /** Discord has troubles of its own, too. */
  faults?: boolean;
  env?: Record<string, string>;
  /** What is done, as it is done. */
  tell?: (line: string) => void;
}

export type Result = ReturnType<Stage['tally']>;

/** A host that starts takes about this long: deaths fall before, in and after it. */
const LONGEST_ROUND_MS = 3500;
const LONGEST_PAUSE_MS = 250;

/** Chats talk while hosts and runners are killed at moments that the seed chooses; then everything may settle. */
export async function runCampaign(campaign: Campaign): Promise<Result> {
  const { chats, env = {}, faults = false, kills, messages, tell = () => {} } = campaign;
  const random = createSeeded(campaign.seed);
  const stage = await createStage({ chats, env });
  try {
    const places = [...stage.chats, stage.thread('aside'), stage.terminal];
    const talk = createTalk(places, createSeeded(campaign.seed + 1));
    for (let round = 0; round < kills; round += 1) {
      const point = random.next() < 0.5 ? `${random.pick(hostPoints)}#${random.between(1, 8)}` : '';
      const host = stage.home.launch(point ? { WHARFIE_CRASH_AT: point } : {});
      const joined = stage.join(host).catch(unlessKilled);
      const talking = talk(Math.floor((messages * (round + 1)) / kills));
      const wait = random.between(100, LONGEST_ROUND_MS);
      const kind = random.pick(['host', 'host', 'host', 'stop', 'runner', 'both'] as const) ?? 'host';
      if (faults) await trouble(stage, random);
      await sleep(wait);
      const what = await end(stage, host, kind, random);
      tell(`round ${round + 1}: ${point} ${kind} after ${wait} ms: ${what}`);
      await Promise.all([talking, joined]);
    }
    stage.platform.fake.faults.clear();
    const last = await stage.start();
    return await finish(stage, stage.terminal, last.stop);
  } finally {
    await stage.close();
  }
}

/** A host that was killed in the middle of its start was not to come up; one that ended with an error was. */
function unlessKilled(error: unknown): void {
  if (String(error).includes('the host ended with 1')) throw error;
}

/** Ends what `kind` says; the host has always ended afterwards. */
async function end(stage: Stage, host: HostProcess, kind: string, random: Seeded): Promise<string> {
  const done: string[] = [];
  if (kind === 'runner' || kind === 'both') done.push(await killRunner(stage.home.home, random));
  // Long enough for the host to see it, and to be in the middle of what follows.
  if (kind === 'runner') await sleep(random.between(0, 800));
  if (kind === 'stop') done.push(`stopped with ${await host.stop()}`);
  else await host.kill();
  return [...done, kind === 'stop' ? '' : 'host killed'].filter(Boolean).join(', ');
}

/** One that is no message's last try: being given up after three is another promise. */
async function killRunner(home: string, random: Seeded): Promise<string> {
  const tried = new Set(sessionsTried(home, 2));
  const alive: RunnerRecord[] = [];
  for (const record of runnerRecords(home)) {
    // The pid of one that has ended may be somebody else's by now.
    const runs = (await inspectProcess(record.pid))?.startTime === record.startTime;
    if (runs && !tried.has(record.sessionId)) alive.push(record);
  }
  const chosen = random.pick(alive);
  if (!chosen) return 'no runner to kill';
  try {
    process.kill(-chosen.pid, 'SIGKILL');
    return `runner of ${chosen.sessionId} killed`;
  } catch {
    return 'the runner had gone';
  }
}

const SENDING = /^POST \/channels\/\d+\/messages$/;

/** Sends that fail or whose answer is lost, and a gateway that hangs up. */
async function trouble({ platform }: Stage, random: Seeded): Promise<void> {
  const discord = platform.fake;
  const retry = { retry_after: 0.2, message: 'slow down', global: false };
  const faults: Fault[] = [
    { kind: 'answer', status: 503 },
    { kind: 'answer', status: 429, body: retry },
    { kind: 'cut', done: true },
    { kind: 'cut', done: false },
  ];
  const fault = random.pick(faults);
  if (fault) discord.faults.next(SENDING, fault, random.between(1, 3));
  if (random.next() < 0.3) discord.gateway.disconnect({ forget: random.next() < 0.5 });
}

/** Says things, each in one of the places, with pauses in between, until so many have been said. */
function createTalk(places: readonly Place[], random: Seeded): (until: number) => Promise<void> {
  let said = 0;
  const kinds: readonly ((mark: string) => Asked)[] = [echo, echo, sendThenReply, longReply(), slowReply];
  return async (until) => {
    while (said < until) {
      said += 1;
      const asks = random.pick(kinds) ?? echo;
      random.pick(places)?.ask(asks(`m${said}`));
      await sleep(random.between(0, LONGEST_PAUSE_MS));
    }
  };
}

const slowReply = (mark: string): Asked => ({
  text: `!sleep 400 ;; !reply ${mark}`,
  sends: [],
  replies: [mark],
});
