import type { InboundMessage } from '../db/messages-in.ts';
import { MAX_TEXT } from '../mcp-tools/core.ts';
import { idsOf, lastMessage, type Push, recordOf, type Turn } from '../turn.ts';
import { commit } from './commit.ts';
import type { Loop } from './context.ts';
import { NO_ANSWER, UNREADABLE } from './sentences.ts';

/** A result: what was taken in since the last one is answered by it. What was not yet read begins the next turn. */
export async function finishTurn(loop: Loop, turn: Turn, text: string): Promise<void> {
  const closed = turn.pushes.filter((push) => push.takenIn);
  if (closed.length === 0) {
    loop.log.warn({ turn: turn.id }, 'a result that answers nothing');
    return;
  }
  const { silence } = turn;
  if (silence !== null) {
    const record = { reason: silence, messageIds: idsOf(closed), at: loop.clock.now() };
    await close(loop, turn, closed, 'done', null, () => loop.store.state.set('silence', record));
  } else if (text.trim() !== '') {
    await close(loop, turn, closed, 'done', bounded(text), () => {});
  } else if (turn.spoke) {
    await close(loop, turn, closed, 'done', null, () => {});
  } else {
    await failTurn(loop, turn, closed, NO_ANSWER);
  }
}

/** The messages end without an answer, and the chat is told so in one sentence. */
export async function failTurn(loop: Loop, turn: Turn, failed: Push[], sentence: string): Promise<void> {
  await close(loop, turn, failed, 'failed', sentence, () => {});
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
    rest.length === 0 ? null : { ...turn, id: loop.newId('turn'), pushes: rest, spoke: false, silence: null };
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

function bounded(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
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
