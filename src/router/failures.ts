import { countDropped } from '../db/dropped-messages.js';
import { codeOf, reasonOf, WharfieError } from '../errors.js';
import type { FanOutResult } from './fan-out.js';
import type { Tell } from './tell.js';
import { type Intake, type RouterDeps, RouterError } from './types.js';

const NO_SPACE = ['disk-full', 'SQLITE_FULL', 'ENOSPC', 'EDQUOT'];
const NOT_WRITABLE = ['session-unwritable', 'EACCES', 'EPERM', 'EROFS', 'SQLITE_READONLY', 'SQLITE_CANTOPEN'];

/**
 * What could not take the event in. A session whose files are beyond use is told about in the chat and counted;
 * anything else may pass: then this throws `intake-failed`, the platform is not acknowledged and delivers again, and
 * the wirings that went through find the message known.
 */
export function settleFailures(
  deps: RouterDeps,
  tell: Tell,
  intake: Intake,
  failures: FanOutResult['failures'],
): void {
  const { event } = intake;
  const passing: unknown[] = [];
  for (const { target, error } of failures) {
    const { folder } = target.wiring.agentGroup;
    const fields = { chat: event.platformId, message: event.messageId, folder, code: codeOf(error) };
    deps.log.error({ ...fields, fix: fixOf(error) }, `message not taken in: ${reasonOf(error)}`);
    if (codeOf(error) === 'session-corrupt') {
      countDropped(deps.db, event, 'session-corrupt', deps.clock.now());
      // The cure names folders of the host: for those who run it.
      const trusted = target.wiring.role === 'owner' || target.wiring.role === 'admin';
      const cure = trusted ? fixOf(error) : 'My operator finds the cure in my log.';
      const text = `I cannot read this conversation's files any more. ${cure}`;
      tell.trouble(event, `session-corrupt ${folder}`, text);
    } else {
      passing.push(error);
    }
  }
  if (passing.length === 0) return;
  const trouble = troubleOf(passing);
  if (trouble) tell.trouble(event, trouble.message, `${trouble.message} ${trouble.fix}`);
  throw new RouterError(
    'intake-failed',
    trouble?.message ?? 'The message could not be taken in just now.',
    trouble?.fix ?? 'It is taken in when the platform delivers it again; the log says what was wrong.',
    { cause: new AggregateError(passing) },
  );
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
