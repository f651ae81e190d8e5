import type { InboundMessage } from '../db/messages-in.ts';
import { renderPrompt, system } from '../prompt.ts';
import type { PushInput } from '../providers/types.ts';
import { idsOf, liveUuid, type Push, recordOf, type Turn } from '../turn.ts';
import { type Batch, findFollowUps, findNext, highestSeq, pushOf } from './claim.ts';
import { commit } from './commit.ts';
import type { Loop } from './context.ts';
import { closeConversation, forget, openConversation, recall } from './conversation.ts';
import { refuse } from './finish.ts';

/** Begins the next turn, or does what needs no turn. False: there is nothing to do. */
export async function startNext(loop: Loop): Promise<boolean> {
  const next = findNext(loop);
  if (!next) return false;
  if (next.type === 'new-conversation') {
    await closeConversation(loop, false);
    await forget(loop, () => loop.store.acks.set([next.message.id], 'done'));
    loop.news = [];
    loop.log.info({ message: next.message.id }, 'new conversation');
    return true;
  }
  const batch = await withoutUnreadable(loop, next.batch);
  if (batch.messages.length === 0) return true;
  // Everything that a lock can stop comes before the claim and the push: those two are never half done.
  await recall(loop, []);
  const text = render(loop, batch);
  const push = pushOf(batch, loop.newUuid());
  const turn: Turn = {
    id: loop.newId('turn'),
    address: next.address,
    pushes: [push],
    lastSeq: highestSeq(batch),
    spoke: false,
    silence: null,
    written: [],
  };
  await claim(loop, turn, push);
  loop.turn = turn;
  loop.log.info({ turn: turn.id, messages: idsOf([push]) }, 'turn started');
  pushText(loop, { uuid: liveUuid(push), text, done: null });
  return true;
}

/** Gives the running turn what came for its chat and thread meanwhile. */
export async function pushFollowUps(loop: Loop, turn: Turn): Promise<void> {
  const found = findFollowUps(loop, turn);
  if (!found) return;
  const batch = await withoutUnreadable(loop, found);
  if (batch.messages.length === 0) return;
  const text = render(loop, batch);
  const push = pushOf(batch, loop.newUuid());
  await claim(loop, { ...turn, pushes: [...turn.pushes, push] }, push);
  turn.pushes.push(push);
  turn.lastSeq = Math.max(turn.lastSeq, highestSeq(batch));
  loop.log.info({ turn: turn.id, messages: idsOf([push]) }, 'follow-up');
  pushText(loop, { uuid: liveUuid(push), text, done: null });
}

/** Pushes into the conversation, opening it where needed, with what the runner itself has to tell the model first. */
export function pushText(loop: Loop, input: PushInput): void {
  openConversation(loop);
  const news = loop.news.splice(0).map(system);
  loop.conversation?.push({ ...input, text: [...news, input.text].join('\n') });
}

async function claim(loop: Loop, turn: Turn, push: Push): Promise<void> {
  await commit(loop, () => {
    loop.store.acks.set(idsOf([push]), 'processing');
    loop.store.state.set('turn', recordOf(turn));
  });
  push.claimedAt = loop.clock.now();
  loop.crash('runner:after-claim');
}

function render(loop: Loop, batch: Batch): string {
  const messages = [...batch.news, ...batch.messages];
  return renderPrompt(loop.prompt, { context: batch.context, messages });
}

/** A row that cannot be read fails by itself, with a sentence; the others go on. */
async function withoutUnreadable(loop: Loop, batch: Batch): Promise<Batch> {
  const readable = (message: InboundMessage) => message.body.kind !== 'bad';
  const bad = batch.messages.filter((message) => !readable(message));
  if (bad.length > 0) await refuse(loop, bad);
  return { ...batch, messages: batch.messages.filter(readable) };
}
