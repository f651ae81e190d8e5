import type { InboundMessage } from '../db/messages-in.ts';
import { MAX_TEXT } from '../mcp-tools/core.ts';
import type { Answer } from '../providers/types.ts';
import { idsOf, lastMessage, type Push, recordOf, sameAddress, type Turn } from '../turn.ts';
import { commit } from './commit.ts';
import type { Loop } from './context.ts';
import { composeReply } from './reply.ts';
import { NO_ANSWER, UNREADABLE } from './sentences.ts';

/** A result: what was taken in since the last one is answered by it. What was not yet read begins the next turn. */
export async function finishTurn(loop: Loop, turn: Turn, answers: Answer[]): Promise<void> {
  const closed = turn.pushes.filter((push) => push.takenIn);
  if (closed.length === 0) {
    loop.log.warn({ turn: turn.id }, 'a result that answers nothing');
    return;
  }
  const { silence } = turn;
  const text = said(loop, turn, answers, '');
  if (silence !== null) {
    const record = { reason: silence, messageIds: idsOf(closed), at: loop.clock.now() };
    await close(loop, turn, closed, 'done', null, () => loop.store.state.set('silence', record));
  } else if (text !== '') {
    await close(loop, turn, closed, 'done', text, () => {});
  } else if (turn.spoke) {
    await close(loop, turn, closed, 'done', null, () => {});
  } else {
    await failTurn(loop, turn, closed, NO_ANSWER, answers);
  }
}

/** The messages end before their answer: the chat is told so in one sentence, below what was written until then. */
export async function failTurn(
  loop: Loop,
  turn: Turn,
  failed: Push[],
  sentence: string,
  answers: Answer[],
): Promise<void> {
  await close(loop, turn, failed, 'failed', said(loop, turn, answers, sentence), () => {});
}

/** What the turn has written and the chat has not yet been told, with a sentence of the runner's below it. */
function said(loop: Loop, turn: Turn, answers: Answer[], sentence: string): string {
  const rows = loop.store.outbox.ofTurn(turn.id).filter((row) => sameAddress(row.address, turn.address));
  const sent = rows.map((row) => row.content.text).filter((text) => typeof text === 'string');
  const most = MAX_TEXT - sentence.length - 2;
  const text = composeReply({ earlier: turn.written ?? [], answers, sent, most });
  return [text, sentence].filter((part) => part !== '').join('\n\n');
}

async function close(
  loop: Loop,
  turn: Turn,
  closed: Push[],
  status: 'done' | 'failed',
  text: string | null,
  also: () => void,
): Promise<void> {
  const rest = turn.pushes.filter((push) => !closed.includes(push));
  const next: Turn | null =
    rest.length === 0
      ? null
      : { ...turn, id: loop.newId('turn'), pushes: rest, spoke: false, silence: null, written: [] };
  const continuation = loop.continuation && { ...loop.continuation, used: true };
  loop.crash('runner:before-commit');
  await commit(loop, () => {
    if (text !== null) {
      const stages = status === 'done' ? stagesOf(closed) : {};
      append(loop, turn, lastMessage(closed), { text, ...stages });
    }
    loop.store.acks.set(idsOf(closed), status);
    loop.store.state.set('continuation', continuation);
    loop.store.state.set('turn', next ? recordOf(next) : null);
    also();
  });
  loop.crash('runner:after-commit');
  loop.continuation = continuation;
  loop.turn = next;
  loop.trouble = null;
  loop.log.info({ turn: turn.id, status, messages: idsOf(closed), answered: text !== null }, 'turn ended');
}

function append(
  loop: Loop,
  turn: Pick<Turn, 'id' | 'address' | 'lastSeq'>,
  answers: InboundMessage | null,
  content: Record<string, unknown>,
): void {
  const { id: turnId, address, lastSeq } = turn;
  const row = { turnId, inReplyTo: answers?.id ?? null, kind: 'chat', address, content } as const;
  loop.store.outbox.append(row, lastSeq);
}

/** For the host's figures: how long the message that is answered waited for its claim, and for the model. */
function stagesOf(closed: Push[]): { stages?: { claimed: number; firstByte: number | null } } {
  const last = closed.findLast((push) => push.messages.some((message) => message.trigger));
  if (!last || last.claimedAt === null) return {};
  return { stages: { claimed: last.claimedAt, firstByte: last.firstByteAt } };
}

/** Rows of the host that this runner cannot read. */
export async function refuse(loop: Loop, messages: InboundMessage[]): Promise<void> {
  await commit(loop, () => {
    for (const message of messages) {
      const turnId = loop.newId('turn');
      const turn = { id: turnId, address: message.address, lastSeq: message.seq };
      if (message.trigger) append(loop, turn, message, { text: UNREADABLE });
    }
    const ids = messages.map((message) => message.id);
    loop.store.acks.set(ids, 'failed');
  });
  loop.log.error({ messages: messages.map((message) => message.id) }, 'unreadable rows');
}

/** Something of the runner's own to say in a running turn; not part of what the turn has said. */
export async function notice(loop: Loop, turn: Turn, text: string, also: () => void): Promise<void> {
  await commit(loop, () => {
    append(loop, { ...turn, id: `${turn.id}:notice` }, lastMessage(turn.pushes), { text });
    also();
  });
}
