import type { ProviderEvent, Recalled } from '../providers/types.ts';
import { commit } from './commit.ts';
import type { Loop } from './context.ts';

/** Told to the model when it begins anew without wanting to. */
const LOST = `Your memory of the earlier conversation in this chat could not be loaded. What you need of it must be \
asked for, or read in your files.`;

/** Which of these pushes the last conversation remembers. One that is lost is given up, and the model told. */
export async function recall(loop: Loop, uuids: string[]): Promise<Recalled> {
  const nothing = { uuids: new Set<string>(), answers: [] };
  if (loop.continuation === null || loop.conversation) return nothing;
  const { value, used } = loop.continuation;
  const remembered = await loop.provider.recall(value, uuids);
  if (remembered) return remembered;
  await forget(loop, () => {});
  if (used) tellLost(loop);
  return nothing;
}

export function tellLost(loop: Loop): void {
  loop.log.warn({}, 'conversation lost');
  if (!loop.news.includes(LOST)) loop.news.push(LOST);
}

/** Opens the conversation where none is open, going on with the last one. */
export function openConversation(loop: Loop): void {
  if (loop.conversation) return;
  loop.generation += 1;
  const generation = loop.generation;
  loop.conversation = loop.provider.open({
    continuation: loop.continuation?.value ?? null,
    systemPrompt: loop.systemPrompt(),
    tools: loop.tools,
    onEvent: (event: ProviderEvent) => loop.mailbox.post({ generation, event }),
  });
}

/** Ends the conversation; nothing that it still says is heard, and the next one begins after it is gone. */
export async function closeConversation(loop: Loop, interrupted: boolean): Promise<void> {
  const conversation = loop.conversation;
  loop.conversation = null;
  loop.generation += 1;
  await conversation?.close(interrupted);
}

/** Has the next turn begin a new conversation; `also` is part of the same transaction. */
export async function forget(loop: Loop, also: () => void): Promise<void> {
  await commit(loop, () => {
    loop.store.state.set('continuation', null);
    also();
  });
  loop.continuation = null;
}

/** Keeps the name of the conversation at once: a turn that is killed is found again by it. */
export async function rememberContinuation(loop: Loop, value: string): Promise<void> {
  if (loop.continuation?.value === value) return;
  const continuation = { value, used: false };
  await commit(loop, () => loop.store.state.set('continuation', continuation));
  loop.continuation = continuation;
}
