import { tellAgent } from '../db/inbound/news.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { type ActionContext, ActionError, type ActionRegistry } from './types.js';

export type ActionOutcome = { kind: 'done'; wake: boolean } | { kind: 'refused'; reason: string };

/**
 * Applies a container's request to inbound.db, inside the caller's transaction. What is refused leaves no trace but
 * the news for the agent; an unknown action is told once for each name.
 */
export function handleSystemAction(
  request: { action: string } & Record<string, unknown>,
  context: ActionContext,
  deps: { actions: ActionRegistry; log: Log },
): ActionOutcome {
  const { db, now } = context;
  const action = deps.actions.get(request.action);
  const name = JSON.stringify(request.action);
  const refuse = (about: string, reason: string): ActionOutcome => {
    const log = { session: context.session.id, request: context.requestId, action: request.action, reason };
    deps.log.warn(log, 'action refused');
    tellAgent(db, { about, text: reason }, now);
    return { kind: 'refused', reason };
  };
  if (!action) {
    return refuse(`unknown-action:${request.action}`, `There is no action ${name}. It was not done.`);
  }
  try {
    // A transaction inside another one is a savepoint: a refusal takes back what the action had written.
    const { news, wake } = db.transaction(() => action.apply(request, context))();
    if (news !== null) tellAgent(db, { about: `action:${context.requestId}`, text: news }, now);
    return { kind: 'done', wake };
  } catch (error) {
    const about = `action:${context.requestId}`;
    if (error instanceof ActionError) {
      return refuse(about, `${name} was refused: ${error.message} ${error.fix}`);
    }
    // A full disk or a broken file ends the whole transaction: that is not the action's fault.
    if (!db.inTransaction) throw error;
    deps.log.error({ session: context.session.id, reason: reasonOf(error) }, 'action failed');
    return refuse(about, `${name} failed on the host. It was not done.`);
  }
}
