import { countDropped } from '../db/dropped-messages.js';
import { codeOf, reasonOf } from '../errors.js';
import { isGeneral } from './failures.js';
import type { RouterParts } from './parts.js';
import type { Intake } from './types.js';

const TROUBLE =
  'I could not act on something here. My operator finds the cure in my log; then send it again.';

/**
 * What the host does itself with an event: rejects while that may pass. Null: it has failed for a minute and by the
 * fault of a session alone; the chat is told and goes on.
 */
export async function ownWork<T>(
  { deps, tell, patience }: RouterParts,
  { event }: Intake,
  what: 'answer' | 'command',
  work: () => Promise<T>,
): Promise<T | null> {
  const key = JSON.stringify([what, event.channelType, event.platformId, event.messageId]);
  try {
    const result = await work();
    patience.forget(key);
    return result;
  } catch (error) {
    if (isGeneral(error) || !patience.isOver(key)) throw error;
    const fields = { chat: event.platformId, message: event.messageId, code: codeOf(error) };
    deps.log.error(fields, `${what} given up: ${reasonOf(error)}`);
    countDropped(deps.db, event, 'session-stuck', deps.clock.now());
    tell.trouble(event, 'session-stuck', TROUBLE);
    return null;
  }
}
