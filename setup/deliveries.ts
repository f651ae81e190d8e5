import { pathsOf } from '../src/config.js';
import { readStatus, type Status } from '../src/host/status.js';
import { findDelivery } from './deliveries/find.js';
import { type FlagSpec, UsageError } from './lib/flags.js';
import { withInstallation, withPresentDb } from './lib/installation.js';
import { carryOut } from './lib/session-requests.js';
import type { Step, StepContext, StepResult } from './lib/step.js';
import { exactlyOne, oneOf } from './lib/values.js';

const LONGEST_LIST = 100;
const id = '<id>';
const flags: FlagSpec[] = [
  { name: 'list', kind: 'switch', help: 'what did not arrive, or may not have, oldest first' },
  { name: 'state', kind: 'value', hint: 'dead|unknown|late', help: 'only these, with --list' },
  { name: 'retry', kind: 'value', hint: id, help: 'send this dead or unknown message once more' },
  { name: 'discard', kind: 'value', hint: id, help: 'take it off the list; nothing is sent' },
];

export const deliveries: Step = {
  name: 'deliveries',
  class: { '': 'reads', list: 'reads', state: 'modifies', retry: 'grants', discard: 'grants' },
  summary: 'messages to chats that are late, may not have arrived, or were given up',
  flags,
  async run(values, context) {
    const action = exactlyOne(values, ['list', 'retry', 'discard']);
    const state = oneOf(values, 'state', ['dead', 'unknown', 'late']);
    if (action === 'list') return list(context, state);
    if (state !== undefined) {
      throw new UsageError('conflicting-flags', '--state goes with --list only.', 'Leave it out.');
    }
    return decide(context, action, values.need(action));
  },
};

function list({ home, clock }: StepContext, state: string | undefined): Promise<StepResult> {
  const paths = pathsOf(home);
  return withPresentDb(paths, (db) => {
    const found: Pick<Status, 'troubled' | 'unreadable'> = db
      ? readStatus(db, paths, clock.now())
      : { troubled: [], unreadable: [] };
    const shown = found.troubled.filter((one) => state === undefined || one.state === state);
    const count = (wanted: string) => found.troubled.filter((one) => one.state === wanted).length;
    const described = shown.slice(0, LONGEST_LIST).map((one) => ({
      id: `${one.sessionId}/${one.key}`,
      part: one.part,
      state: one.state,
      chat: one.to.platformId,
      thread: one.to.threadId,
      attempts: one.attempts,
      error: one.lastError,
      since: new Date(one.createdAt).toISOString(),
    }));
    return {
      status: 'success',
      fields: {
        COUNT: shown.length,
        DEAD: count('dead'),
        UNKNOWN: count('unknown'),
        LATE: count('late'),
        DELIVERIES: described,
        ...(found.unreadable.length > 0 && { UNREADABLE: found.unreadable }),
      },
    };
  });
}

function decide(context: StepContext, action: 'retry' | 'discard', given: string): Promise<StepResult> {
  return withInstallation(context, async (installation) => {
    const { db, config } = installation;
    const { sessionId, key, to } = findDelivery(
      readStatus(db, config.paths, context.clock.now()),
      given,
      action,
    );
    const { results, by } = await carryOut(context, installation, [{ sessionId, subject: key, action }]);
    const outcome = results[0]?.outcome ?? null;
    const fields = { ID: `${sessionId}/${key}`, ACTION: action, CHAT: to.platformId, BY: by };
    if (outcome === 'done') return { status: 'success', fields: { RESULT: 'done', ...fields } };
    if (outcome === 'nothing') return { status: 'skipped', fields: { RESULT: 'nothing-to-do', ...fields } };
    return {
      status: 'failed',
      error: outcome === 'failed' ? 'delivery-request-failed' : 'host-busy',
      message:
        outcome === 'failed'
          ? `The conversation of ${given} cannot be written now.`
          : 'The running host has not looked at the request yet. It is stored, and will be carried out.',
      fix: 'See what becomes of it: ./wharfie deliveries --list',
      fields,
    };
  });
}
