import { countDropped } from '../db/central/dropped-messages.js';
import { codeOf, reasonOf, WharfieError } from '../errors.js';
import { fixFor, type Sentence, sentences } from '../voice/index.js';
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
  const { deps } = parts;
  const { intake: said } = sentences;
  const { event } = intake;
  const passing: FanOutResult['failures'] = [];
  for (const { target, error } of failures) {
    const { folder } = target.wiring.agentGroup;
    const fields = { chat: event.platformId, message: event.messageId, folder, code: codeOf(error) };
    deps.log.error({ ...fields, fix: fixOf(error) }, `message not taken in: ${reasonOf(error)}`);
    if (codeOf(error) === 'session-corrupt') {
      countDropped(deps.db, event, 'session-corrupt', deps.clock.now());
      const fix = fixFor(event, fixOf(error));
      deps.voice.trouble(event, `session-corrupt ${folder}`, said.corrupt({ fix }));
    } else {
      passing.push({ target, error });
    }
  }
  const stuck = passing.filter(({ target, error }) => isStuck(parts, intake, target, error));
  if (stuck.length < passing.length) throw notNow(parts, intake, passing);
  for (const { target, error } of stuck) {
    const { name, folder } = target.wiring.agentGroup;
    const fix = fixFor(event, fixOf(error));
    deps.voice.trouble(event, `session-stuck ${folder}`, said.stuck({ name, fix }));
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

function notNow({ deps }: RouterParts, { event }: Intake, failures: FanOutResult['failures']): RouterError {
  const errors = failures.map(({ error }) => error);
  const trouble = troubleOf(errors);
  if (trouble) deps.voice.trouble(event, trouble.message, trouble.said);
  return new RouterError(
    'intake-failed',
    trouble?.message ?? 'The message could not be taken in just now.',
    trouble?.fix ?? 'It is taken in when the platform delivers it again; the log says what was wrong.',
    { cause: new AggregateError(errors) },
  );
}

/** What a person can do something about, for the log and for the chat. */
function troubleOf(errors: readonly unknown[]): { message: string; fix: string; said: Sentence } | null {
  const among = (codes: readonly string[]) =>
    errors.some((error) => codes.some((code) => codeOf(error).startsWith(code)));
  if (among(NO_SPACE)) {
    return {
      message: 'Messages cannot be taken in: the disk is full.',
      fix: 'Make room (df -h).',
      said: sentences.intake.diskFull(),
    };
  }
  if (among(NOT_WRITABLE)) {
    return {
      message: 'Messages cannot be taken in: the data folder is not writable.',
      fix: 'Run ./wharfie verify --offline.',
      said: sentences.intake.notWritable(),
    };
  }
  return null;
}

function fixOf(error: unknown): string {
  return error instanceof WharfieError ? error.fix : '';
}
