import type { StateAdapter } from 'chat';
import { z } from 'zod';

/** As long as what began a thread is remembered. */
const KEPT_MS = 90 * 24 * 3_600_000;
const LONGEST_TEXT = 20_000;

/** Versions before this one have put down `true` for a thread of the bot's own. */
const beganSchema = z.union([
  z.literal(true).transform(() => ({ text: '', from: '', own: true })),
  z.object({ text: z.string(), from: z.string(), own: z.boolean() }),
]);
export type Began = z.infer<typeof beganSchema>;

/**
 * What threads of channels began with, as far as the bot has said or heard it: Teams does not say it again. To go on in
 * one that the bot began is to answer it.
 */
export function createBegunThreads(state: Pick<StateAdapter, 'get' | 'set'>) {
  const keyOf = (conversation: string, thread: string) => `teams:own:${conversation}:${thread}`;
  return {
    began: (conversation: string, thread: string, { text, ...began }: Began) =>
      state.set(keyOf(conversation, thread), { ...began, text: text.slice(0, LONGEST_TEXT) }, KEPT_MS),
    read: async (conversation: string, thread: string): Promise<Began | null> =>
      beganSchema.safeParse(await state.get<unknown>(keyOf(conversation, thread))).data ?? null,
  };
}
