import { addressOf } from '../address.js';
import type { InboundEvent } from '../channels/adapter.js';
import type { InboundDb } from '../db/inbound/index.js';
import { trimContext } from '../db/inbound/message-status.js';
import { insertMessage, type NewMessage } from '../db/inbound/messages-in.js';
import {
  broughtBack,
  cancelEdits,
  filesOfPart,
  findSaid,
  hasCalled,
  hasEdits,
  hasLiveEdits,
  isNewestOf,
  removePart,
  replaceWords,
  type Said,
  senderOf,
  takeBack,
  wordsOf,
} from '../db/inbound/said.js';
import type { Delivered, Target } from './fan-out.js';
import { keepSilent } from './keep.js';
import { MAX_CONTEXT, messageRow } from './message.js';
import { cutText } from './text.js';
import type { Intake, RouterDeps } from './types.js';

type Change = InboundEvent & { kind: 'edited' | 'deleted' };

/**
 * Brings an edit or a deletion to a conversation that knows the message. One that nobody has begun to work on is changed
 * as it lies; of any other the agent is told. The target's trigger says whether the new words call the agent.
 */
export function prepareChange(
  deps: RouterDeps,
  event: Change,
  intake: Intake,
  target: Target,
  sessionId: string,
): () => Promise<Delivered> {
  const { sessionManager, clock, containerRunner } = deps;
  const nothing: Delivered = { sessionId, trigger: 0, inserted: false };
  return async () => {
    const now = clock.now();
    const asTold = toldOf(messageRow(intake, target, keepSilent(intake), now), event);
    const outcome = await sessionManager.write(
      sessionId,
      (db): { wakes: boolean; changed: boolean } => {
        const of = event.replyTo;
        const said = of === null ? null : findSaid(db, event, of);
        if (of === null || said === null) return takeAsNew(db, event, intake, target, now);
        const { row } = said;
        const told = tellingOf(asTold, said, event);
        const isUntouched = row.status === 'pending' && !containerRunner.isUp(sessionId);
        if (event.kind === 'deleted') {
          // With the message goes what was made of it.
          if (!containerRunner.isUp(sessionId)) cancelEdits(db, event, of);
          const isGone = isUntouched && (said.part === null || removePart(db, said));
          if (isGone && said.part === null) takeBack(db, row);
          if (!isGone && (row.status !== 'cancelled' || hasLiveEdits(db, event, of)))
            tell(db, { ...told, trigger: 0 }, event);
          return { wakes: false, changed: true };
        }
        const text = cutText(event.text, MAX_COMPARED);
        const isOwn = !isForeign(event) && senderOf(row) === event.sender.id;
        const back = isOwn && event.restored ? broughtBack(db, event, row, { text, row: asTold }) : null;
        if (back) {
          const trigger = target.trigger === 1 ? back.trigger : 0;
          tell(db, { ...back, trigger }, event);
          return { wakes: trigger === 1, changed: true };
        }
        if (wordsOf(db, event, said) === text) return { wakes: false, changed: false };
        const wakes = calls(db, event, said, target);
        const mayReplace = isUntouched && isOwn && !hasEdits(db, event, of) && (row.trigger === 1 || !wakes);
        if (mayReplace && replaceWords(db, said, text)) return { wakes: false, changed: true };
        tell(db, { ...told, trigger: wakes ? 1 : 0 }, event);
        return { wakes, changed: true };
      },
      target.trigger === 1 ? { dueAt: now } : {},
    );
    if (!outcome.changed) return nothing;
    if (outcome.wakes) {
      await sessionManager.refreshRouting(sessionId, addressOf(event));
      containerRunner.wake(sessionId);
    }
    return { sessionId, trigger: outcome.wakes ? 1 : 0, inserted: true };
  };
}

/** As long as the router keeps a text. */
const MAX_COMPARED = 200_000;

/**
 * On some platforms others may edit. Their words never stand under the author's name and role, replace no word of theirs,
 * and call nobody.
 */
const isForeign = ({ editedBy, sender }: Change): boolean => editedBy !== undefined && editedBy !== sender.id;

/** The row that tells of the change, under the name of whoever made it; who is not the author has no role here. */
function toldOf(row: NewMessage, event: Change): NewMessage {
  if (row.kind !== 'chat' || !isForeign(event)) return row;
  const id = event.editedBy ?? '';
  return { ...row, sender: { id, name: id, role: 'guest' } };
}

/** Of a later part of an album the agent knows the album, and is told what of it has changed. */
function tellingOf(row: NewMessage, said: Said, { kind }: Change): NewMessage {
  const { platformMessageId: of } = said.row;
  if (row.kind !== 'chat' || said.part === null || of === null) return row;
  const names = filesOfPart(said).map((name) => cutText(name, 100));
  const part = names.length > 0 ? `the file ${names.join(', ')}` : 'one part';
  const what =
    kind === 'edited' ? `What was said with ${part} has changed` : `Of the album ${part} was deleted`;
  const problem = `${what}; the rest of the album stands.`;
  const { content } = row;
  return { ...row, content: { ...content, change: { kind, of }, problems: [...content.problems, problem] } };
}

function tell(db: InboundDb, row: NewMessage, event: Change): void {
  insertMessage(db, row);
  if (row.trigger === 0) trimContext(db, event, MAX_CONTEXT);
}

/** In a direct chat the newest message of its author; elsewhere only where no words of it have called anybody before. */
function calls(db: InboundDb, event: Change, said: Said, { trigger }: Target): boolean {
  if (trigger === 0) return false;
  if (event.isGroup) return said.row.trigger === 0 && !hasCalled(db, event, said);
  return isNewestOf(db, event, said.row, event.sender.id);
}

/** The conversation has not heard the message before it was edited: only words that call it are for it. */
function takeAsNew(db: InboundDb, event: Change, intake: Intake, target: Target, now: number) {
  const { kind, replyTo, isGroup } = event;
  const isForIt = kind === 'edited' && target.trigger === 1 && isGroup;
  if (!isForIt || replyTo === null) return { wakes: false, changed: false };
  const asNew: Intake = {
    ...intake,
    event: { ...event, kind: 'message', messageId: replyTo, replyTo: null },
  };
  const { inserted } = insertMessage(db, messageRow(asNew, target, keepSilent(asNew), now));
  return { wakes: inserted, changed: inserted };
}
