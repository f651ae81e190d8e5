import { countDropped } from '../db/dropped-messages.js';
import { codeOf, reasonOf, WharfieError } from '../errors.js';
import type { FanOutResult, Target } from './fan-out.js';
import type { RouterParts } from './parts.js';
import { setAside } from './set-aside.js';
import { type Intake, type RouteOutcome, RouterError } from './types.js';

const NO_SPACE = ['disk-full', 'SQLITE_FULL', 'ENOSPC', 'EDQUOT'];
const NOT_WRITABLE = ['session-unwritable', 'EACCES', 'EPERM', 'EROFS', 'SQLITE_READONLY', 'SQLITE_CANTOPEN'];

/** Failures of the whole host: to go on would only give up more, and it is known to pass. */
const GENERAL = [...NO_SPACE, 'session-closed', 'EMFILE', 'ENFILE'];

/**
 * What could not take the event in. A session whose files are beyond use is told about in the chat and counted;
 * anything else may pass: then this throws `intake-failed`, the platform is not acknowledged and delivers again, and
 * the wirings that went through find the message known. Where it does not pass for a minute and is the fault of these
 * wirings alone, the message is set aside for them: one bad session never stops the others of its chat. Null: nothing
 * is left to do.
 */
export function settleFailures(
  parts: RouterParts,
  intake: Intake,
  failures: FanOutResult['failures'],
  resting: readonly Target[],
): RouteOutcome | null {
  const { deps, tell } = parts;
  const { event } = intake;
  const passing: FanOutResult['failures'] = [];
  for (const { target, error } of failures) {
    const { folder } = target.wiring.agentGroup;
    const fields = { chat: event.platformId, message: event.messageId, folder, code: codeOf(error) };
    deps.log.error({ ...fields, fix: fixOf(error) }, `message not taken in: ${reasonOf(error)}`);
    if (codeOf(error) === 'session-corrupt') {
      countDropped(deps.db, event, 'session-corrupt', deps.clock.now());
      const text = `I cannot read this conversation's files any more. ${cureFor(target, error)}`;
      tell.trouble(event, `session-corrupt ${folder}`, text);
    } else {
      passing.push({ target, error });
    }
  }
  const stuck = passing.filter(({ target, error }) => isStuck(parts, intake, target, error));
  if (stuck.length < passing.length) throw notNow(parts, intake, passing);
  for (const { target, error } of stuck) {
    const { name, folder } = target.wiring.agentGroup;
    const kept =
      'Until then I keep the newest 20 messages of this chat, for a day, and the others here go on.';
    const text = `${name} cannot take messages in. ${cureFor(target, error)} ${kept}`;
    tell.trouble(event, `session-stuck ${folder}`, text);
  }
  if (stuck.length + resting.length === 0) return null;
  if (!intake.held) return setAside(deps, intake);
  throw new RouterError(
    'intake-stuck',
    'An agent of the chat cannot take the message in.',
    'It is tried again while it is held; the log says what was wrong.',
    { cause: new AggregateError(stuck.map(({ error }) => error)) },
  );
}

/** One conversation of a wiring, as far as the router can tell without looking at its session. */
export function conversationOf({ event }: Intake, { wiring }: Target): string {
  return JSON.stringify([wiring.wiring.id, event.threadId]);
}

/** True: the failure is this conversation's own, and has lasted too long. */
function isStuck({ patience }: RouterParts, intake: Intake, target: Target, error: unknown): boolean {
  const conversation = conversationOf(intake, target);
  if (!isGeneral(error)) return patience.isOver(conversation);
  patience.forget(conversation);
  return false;
}

export const isGeneral = (error: unknown): boolean => GENERAL.some((code) => codeOf(error).startsWith(code));

function notNow({ tell }: RouterParts, { event }: Intake, failures: FanOutResult['failures']): RouterError {
  const errors = failures.map(({ error }) => error);
  const trouble = troubleOf(errors);
  if (trouble) tell.trouble(event, trouble.message, `${trouble.message} ${trouble.fix}`);
  return new RouterError(
    'intake-failed',
    trouble?.message ?? 'The message could not be taken in just now.',
    trouble?.fix ?? 'It is taken in when the platform delivers it again; the log says what was wrong.',
    { cause: new AggregateError(errors) },
  );
}

/** The cure names folders of the host: for those who run it. */
function cureFor({ wiring }: Target, error: unknown): string {
  const trusted = wiring.role === 'owner' || wiring.role === 'admin';
  return (trusted && fixOf(error)) || 'My operator finds the cure in my log.';
}

/** What a person can do something about, in words for the chat. */
function troubleOf(errors: readonly unknown[]): { message: string; fix: string } | null {
  const among = (codes: readonly string[]) =>
    errors.some((error) => codes.some((code) => codeOf(error).startsWith(code)));
  if (among(NO_SPACE)) {
    return {
      message: 'I cannot take messages in: the disk of my host is full.',
      fix: 'Make room there (df -h), then send it again if no answer comes.',
    };
  }
  if (among(NOT_WRITABLE)) {
    return {
      message: 'I cannot take messages in: my data folder is not writable.',
      fix: 'Run npx tsx setup/index.ts --step verify -- --offline on my host, then send it again if no answer comes.',
    };
  }
  return null;
}

function fixOf(error: unknown): string {
  return error instanceof WharfieError ? error.fix : '';
}
