import type { StateAdapter } from 'chat';
import { z } from 'zod';

const homeSchema = z.object({ known: z.string(), now: z.string() });

/** Where conversations are, of which Microsoft says that it may change. */
export interface Homes {
  /** Notes where a conversation is now. Gives the address by which it is known, which stands in its id. */
  arrived(conversation: string, serviceUrl: string): Promise<string>;
  /** Where a conversation is now that is known by this address. */
  current(conversation: string, known: string): Promise<string>;
}

const bare = (url: string) => url.replace(/\/+$/, '');

/** The first address of a conversation stays in its id, so that a chat is the same after a move; the newest is called. */
export function createHomes(state: Pick<StateAdapter, 'get' | 'set'>): Homes {
  const keyOf = (conversation: string) => `teams:home:${conversation}`;
  const read = async (conversation: string) =>
    homeSchema.safeParse(await state.get<unknown>(keyOf(conversation))).data ?? null;

  return {
    async arrived(conversation, serviceUrl) {
      const now = bare(serviceUrl);
      const home = await read(conversation);
      const known = home?.known ?? now;
      if (home?.now !== now) await state.set(keyOf(conversation), { known, now });
      return known;
    },
    async current(conversation, known) {
      const home = await read(conversation);
      return home?.known === bare(known) ? home.now : known;
    },
  };
}
