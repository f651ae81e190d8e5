import type { StateAdapter } from 'chat';

/** As long as a thread is remembered as one that the bot began. */
const KEPT_MS = 90 * 24 * 3_600_000;

/** Threads of channels that the bot began: to go on in one is to answer it, which Teams does not say. */
export function createOwnThreads(state: Pick<StateAdapter, 'get' | 'set'>) {
  const keyOf = (conversation: string, thread: string) => `teams:own:${conversation}:${thread}`;
  return {
    began: (conversation: string, thread: string) => state.set(keyOf(conversation, thread), true, KEPT_MS),
    has: async (conversation: string, thread: string) =>
      (await state.get<unknown>(keyOf(conversation, thread))) === true,
  };
}
