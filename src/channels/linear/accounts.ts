import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { LinearApi } from './api.js';

const ACCOUNT = 'query Account($id: String!) { user(id: $id) { app } }';
const accountSchema = z.object({ user: z.object({ app: z.boolean() }) });
/** Linear waits five seconds for the answer to its call. */
const LONGEST_MS = 3000;
const MAX_REMEMBERED = 1000;

export interface Accounts {
  /** Whether this account is an application's: events do not tell. Never rejects. */
  isApp(userId: string): Promise<boolean>;
}

/**
 * Asks Linear once for each account. Where that fails now it counts as a person's, until what it says next: to answer
 * an application once more does less harm than to pass a person over.
 */
export function createAccounts(deps: {
  api: LinearApi;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}): Accounts {
  const { api, clock, log, signal } = deps;
  const known = new Map<string, boolean>();
  return {
    async isApp(userId) {
      const told = known.get(userId);
      if (told !== undefined) return told;
      try {
        const { user } = await within(clock, LONGEST_MS, signal, (until) =>
          api.call(ACCOUNT, { id: userId }, accountSchema, until),
        );
        if (known.size >= MAX_REMEMBERED) known.clear();
        known.set(userId, user.app);
        return user.app;
      } catch (error) {
        const about = { account: userId, code: codeOf(error), reason: reasonOf(error) };
        log.warn(about, 'Linear did not say whether an account is an application’s');
        return false;
      }
    },
  };
}
