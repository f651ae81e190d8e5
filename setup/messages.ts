import { sleep } from '../src/clock.js';
import { pathsOf } from '../src/config.js';
import type { CentralDb } from '../src/db/central/index.js';
import {
  askRetry,
  discardSetAside,
  findSetAside,
  listSetAside,
  type SetAside,
} from '../src/db/central/set-aside.js';
import { acquireHostLock, HostLockError } from '../src/db/host-lock.js';
import { type FlagSpec, UsageError } from './lib/flags.js';
import { withInstallation, withPresentDb } from './lib/installation.js';
import type { Step, StepContext, StepResult } from './lib/step.js';
import { exactlyOne } from './lib/values.js';

const LONGEST_LIST = 100;
const LONGEST_REASON = 100;
const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 100;
const LIST = './wharfie messages --set-aside';
const id = '<id>';
const flags: FlagSpec[] = [
  { name: 'set-aside', kind: 'switch', help: 'messages that could not be read, oldest first' },
  { name: 'retry', kind: 'value', hint: id, help: 'try once more to take this one in' },
  { name: 'discard', kind: 'value', hint: id, help: 'take it off the list; it is gone' },
];

export const messages: Step = {
  name: 'messages',
  class: { '': 'reads', 'set-aside': 'reads', retry: 'grants', discard: 'grants' },
  summary: 'messages from chats that could not be read and were set aside',
  flags,
  async run(values, context) {
    const action = exactlyOne(values, ['set-aside', 'retry', 'discard']);
    if (action === 'set-aside') return list(context);
    const given = values.need(action);
    return withInstallation(context, ({ db, config }) => {
      const found = findSetAside(db, given);
      if (!found) {
        const why = `No message ${JSON.stringify(given.slice(0, 60))} is set aside.`;
        throw new UsageError('no-such-message', why, `See them: ${LIST}`);
      }
      if (action === 'retry') return retry(context, db, config.paths.data, found);
      discardSetAside(db, given, context.clock.now());
      return { status: 'success', fields: { RESULT: 'discarded', ...namesOf(found) } };
    });
  },
};

const namesOf = (one: SetAside) => ({ ID: one.id, CHANNEL: one.channelType, CHAT: one.platformId });
const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function list({ home }: StepContext): Promise<StepResult> {
  return withPresentDb(pathsOf(home), (db) => {
    const found = db ? listSetAside(db) : [];
    const shown = found.slice(0, LONGEST_LIST).map((one) => ({
      id: one.id,
      channel: one.channelType,
      chat: one.platformId,
      message: one.platformMessageId,
      sender: one.senderId,
      sent: isoOf(one.saidAt),
      since: isoOf(one.setAsideAt),
      failures: one.failures,
      reason: one.reason.slice(0, LONGEST_REASON),
      kept: one.packet !== null,
    }));
    return { status: 'success', fields: { COUNT: found.length, MESSAGES: shown } };
  });
}

async function retry(
  { clock }: StepContext,
  db: CentralDb,
  dataDir: string,
  found: SetAside,
): Promise<StepResult> {
  const fields = namesOf(found);
  const discard = `./wharfie messages --discard ${found.id}`;
  if (found.packet === null) {
    const message = 'What it said was not kept: it was too large.';
    return { status: 'failed', error: 'message-not-kept', message, fix: discard, fields };
  }
  askRetry(db, found.id, clock.now());
  const until = clock.monotonic() + PATIENCE_MS;
  const running = isHostRunning(dataDir);
  while (running && clock.monotonic() < until) {
    const left = findSetAside(db, found.id);
    if (!left) return { status: 'success', fields: { RESULT: 'taken', ...fields } };
    if (left.retryAt === null) {
      const message = `It cannot be read now either: ${left.reason.slice(0, LONGEST_REASON)}`;
      return { status: 'failed', error: 'message-unreadable', message, fix: discard, fields };
    }
    await sleep(clock, LOOK_EVERY_MS);
  }
  const note = 'It is tried once the host runs and the channel is connected.';
  return { status: 'success', fields: { RESULT: 'asked', ...fields, NOTE: note } };
}

function isHostRunning(dataDir: string): boolean {
  try {
    acquireHostLock(dataDir).release();
    return false;
  } catch (error) {
    if (error instanceof HostLockError && error.code === 'host-already-running') return true;
    throw error;
  }
}
