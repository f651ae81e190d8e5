import type { Address } from '../address.js';
import type { Behind } from '../db/inbound/behind.js';
import type { InboundDb } from '../db/inbound/index.js';
import type { Session } from '../db/types.js';
import { WharfieError } from '../errors.js';

/** Why an action was not done; its message and fix are told to the agent. */
export class ActionError extends WharfieError {}

export interface ActionContext {
  session: Session;
  /** inbound.db inside the transaction that also records the request: done once, or not at all. */
  db: InboundDb;
  /** The chat and thread of the turn that asks; checked: the agent may speak there. Null: it has none. */
  origin: Address | null;
  /** Who is behind that turn. */
  behind: Behind;
  /** Id of the request's row, unique in the session. */
  requestId: string;
  now: number;
}

export interface ActionResult {
  /** Told to the agent with its next turn; null: nothing to tell. */
  news: string | null;
  /** Wake the agent after the commit: there is work for it now. */
  wake: boolean;
}

/** Something that a container may ask of the host: one file each under src/actions/, listed in index.ts. */
export interface SystemAction {
  /** The `action` of the request. */
  readonly name: string;
  /** Checks the request itself (it is hostile input). Throws an ActionError to refuse it. Synchronous: it runs in a transaction. */
  apply(request: Record<string, unknown>, context: ActionContext): ActionResult;
}

export interface ActionRegistry {
  get(name: string): SystemAction | undefined;
}
