import { messageKey } from '../address.js';
import { countDropped } from '../db/central/dropped-messages.js';
import { codeOf, reasonOf } from '../errors.js';
import { fixFor, sentences } from '../voice/index.js';
import { isGeneral } from './failures.js';
import type { RouterParts } from './parts.js';
import type { Intake } from './types.js';

/**
 * What the host does itself with an event: rejects while that may pass. Null: it has failed for a minute and by the
 * fault of a session alone; the chat is told and goes on.
 */
export async function ownWork<T>(
  { deps, patience }: RouterParts,
  { event }: Intake,
  what: 'answer' | 'command',
  work: () => Promise<T>,
): Promise<T | null> {
  const key = `${what} ${messageKey(event)}`;
  try {
    const result = await work();
    patience.forget(key);
    return result;
  } catch (error) {
    if (isGeneral(error) || !patience.isOver(key)) throw error;
    const fields = { chat: event.platformId, message: event.messageId, code: codeOf(error) };
    deps.log.error(fields, `${what} given up: ${reasonOf(error)}`);
    countDropped(deps.db, event, 'session-stuck', deps.clock.now());
    deps.voice.trouble(event, 'session-stuck', sentences.intake.notDone({ fix: fixFor(event, '') }));
    return null;
  }
}
