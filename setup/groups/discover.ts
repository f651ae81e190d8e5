import { factsOf } from '../../src/channels/catalog/index.js';
import { sleep } from '../../src/clock.js';
import { listDropped } from '../../src/db/central/dropped-messages.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { findMessagingGroup } from '../../src/db/central/messaging-groups.js';
import { WharfieError } from '../../src/errors.js';
import { hostState } from '../../src/host/state.js';
import { registerCommand } from '../../src/people/registration/command.js';
import { shownName } from '../../src/shown-name.js';
import type { StepContext, StepResult } from '../lib/step.js';

const LOOK_EVERY_MS = 500;
/** Somebody who has several chats to name writes in the next one within this time. */
const QUIET_MS = 5_000;

/**
 * Names each chat of a channel that speaks while we wait and is wired to nobody. The running host does the listening:
 * it counts what it drops in `v2.db`, and knows a chat from its first direct message or mention on.
 */
export async function discover(
  context: StepContext,
  db: CentralDb,
  dataDir: string,
  channelType: string,
  seconds: number,
): Promise<StepResult> {
  const { label } = factsOf(channelType);
  if (!(await hostState(dataDir)).running) throw notRunning();
  const { clock, say } = context;
  const before = countsOf(db, channelType, clock.now());
  const found = new Map<string, { platformId: string; name: string; register: string }>();
  say(`Say something to the bot in ${label} now, or mention it in a group. Listening for ${seconds} s.`);
  let until = clock.monotonic() + seconds * 1000;
  while (clock.monotonic() < until) {
    await sleep(clock, LOOK_EVERY_MS);
    for (const [platformId, count] of countsOf(db, channelType, clock.now())) {
      const chat = findMessagingGroup(db, channelType, platformId);
      if (!chat || found.has(platformId) || count === before.get(platformId)) continue;
      const register = registerCommand(db, chat);
      until = Math.min(until, clock.monotonic() + QUIET_MS);
      found.set(platformId, { platformId, name: shownName(chat.name), register });
      say(`${JSON.stringify(shownName(chat.name))} (${platformId}) speaks. ${register}`);
    }
  }
  const chats = [...found.values()];
  return { status: 'success', fields: { CHANNEL: channelType, COUNT: chats.length, CHATS: chats } };
}

/** What was dropped in each chat because nobody is wired to it, today and, around midnight, yesterday. */
function countsOf(db: CentralDb, channelType: string, now: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of listDropped(db, now - 3_600_000)) {
    if (row.reason !== 'unwired' || row.channelType !== channelType) continue;
    counts.set(row.platformId, (counts.get(row.platformId) ?? 0) + row.count);
  }
  return counts;
}

function notRunning(): WharfieError {
  return new WharfieError(
    'host-not-running',
    'Only a running host hears chats.',
    'Start it in another terminal (npm start), then run this step again.',
  );
}
