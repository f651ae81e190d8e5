import type { InboundMessage } from '../db/messages-in.ts';
import type { OutboundMessage } from '../db/messages-out.ts';
import { renderPrompt } from '../prompt.ts';
import type { Answer, PushInput } from '../providers/types.ts';
import { idsOf, type Push, recordOf, type Turn } from '../turn.ts';
import { commit } from './commit.ts';
import type { Loop } from './context.ts';
import { recall } from './conversation.ts';
import { pushText } from './start.ts';

/**
 * Gives a turn whose conversation has ended to a new one. What the model remembers is not said twice: one system line
 * tells what is done already. What it does not remember is said (again).
 */
export async function goOn(loop: Loop, turn: Turn): Promise<void> {
  const { uuids: remembered, answers } = await recall(
    loop,
    turn.pushes.flatMap((push) => push.uuids),
  );
  turn.written ??= brokenOff(answers);
  const known = (push: Push) => push.uuids.filter((uuid) => remembered.has(uuid));
  const old = turn.pushes.filter((push) => known(push).length > 0);
  const fresh = turn.pushes.filter((push) => known(push).length === 0);
  const said = loop.store.outbox.ofTurn(turn.id);
  const done = old.length + said.length > 0 ? doneOf(old, said) : null;
  const text = renderPrompt(loop.prompt, {
    news: done ? [interruptedLine(old, done)] : [],
    ...contextOf(loop, fresh),
  });
  const uuid = loop.newUuid();
  turn.pushes = turn.pushes.map((push) => ({ ...push, uuids: [...known(push), uuid], takenIn: false }));
  await commit(loop, () => {
    loop.store.acks.set(idsOf(turn.pushes), 'processing');
    loop.store.state.set('turn', recordOf(turn));
  });
  pushText(loop, { uuid, text, done });
  loop.log.info({ turn: turn.id, remembered: old.length, again: fresh.length }, 'turn goes on');
}

/** Of a try that broke off: nothing goes on where its last answer ended, for the next one is told to begin it anew. */
export function brokenOff(answers: readonly Answer[]): Answer[] {
  return answers.map((answer, at) =>
    at === answers.length - 1 && answer.end === 'cut' ? { ...answer, end: 'whole' } : answer,
  );
}

function contextOf(loop: Loop, fresh: Push[]): { context: InboundMessage[]; messages: InboundMessage[] } {
  const along = fresh.flatMap((push) => loop.inbound.messages('byIds', JSON.stringify(push.contextIds)));
  const context = along.filter((row) => row.body.kind === 'chat').slice(-50);
  const news = along.filter((row) => row.body.kind === 'system');
  return { context, messages: [...news, ...fresh.flatMap((push) => push.messages)] };
}

type Done = NonNullable<PushInput['done']>;

function doneOf(old: Push[], said: OutboundMessage[]): Done {
  const scheduled = said.filter((row) => row.content.action === 'schedule_task');
  return {
    uuids: old.flatMap((push) => push.uuids),
    texts: said.filter((row) => row.kind === 'chat').map(describe),
    tasks: scheduled.map((row) => String(row.content.prompt)),
  };
}

function describe(row: OutboundMessage): string {
  const { text, question, fallbackText, operation } = row.content;
  return String(text || question || fallbackText || operation || 'a file');
}

function interruptedLine(old: Push[], done: Done): string {
  const list = (items: string[]) =>
    items.map((item) => JSON.stringify(item.slice(0, 300))).join(', ') || 'nothing';
  const seqs = old.flatMap((push) => push.messages.map((message) => message.seq)).join(', ');
  const about = seqs === '' ? 'this' : `message ${seqs}`;
  return `You were interrupted while working on ${about}. Already sent: ${list(done.texts)}. Already scheduled: \
${list(done.tasks)}. Do not do these again; go on where you were, and end with the answer, which has not been sent.`;
}
