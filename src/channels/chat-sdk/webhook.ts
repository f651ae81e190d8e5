import { AsyncLocalStorage } from 'node:async_hooks';
import { Chat } from 'chat';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { ChatSdkPlatform, WebhookOptions } from './platform.js';

/**
 * A Chat that knows which events came with which request, whether the adapter waits for them or not. What an adapter
 * hands to `waitUntil` is not enough: the Chat SDK makes a success of a reaction that failed, and some adapters do
 * not pass `waitUntil` on.
 */
export class TrackingChat extends Chat {
  readonly #requests = new AsyncLocalStorage<(task: Promise<unknown>) => void>();

  /** Runs `work`, and tells of every event that comes of it. */
  track<T>(onEvent: (task: Promise<unknown>) => void, work: () => T): T {
    return this.#requests.run(onEvent, work);
  }

  override processMessage(...args: Parameters<Chat['processMessage']>): Promise<void> {
    return this.#noted(super.processMessage(...args));
  }

  override processReaction(...args: Parameters<Chat['processReaction']>): Promise<void> {
    return this.#noted(super.processReaction(...args));
  }

  override processAction(...args: Parameters<Chat['processAction']>): Promise<void> {
    return this.#noted(super.processAction(...args));
  }

  #noted(task: Promise<void>): Promise<void> {
    this.#requests.getStore()?.(task);
    return task;
  }
}

export interface WebhookHandlerDeps {
  platform: ChatSdkPlatform;
  chat: TrackingChat;
  log: Log;
}

/**
 * Answers a platform's request as the adapter answers it, once all that came with it is durable; with 500 where
 * something is not: then the platform is to send it again.
 */
export function createWebhookHandler(deps: WebhookHandlerDeps): (request: Request) => Promise<Response> {
  const { platform, chat, log } = deps;
  const { webhook } = platform;
  const handle =
    typeof webhook === 'function'
      ? webhook
      : (request: Request, options: WebhookOptions) => platform.adapter.handleWebhook(request, options);

  return async (request) => {
    const { answer, failures } = await settled(chat, (waitUntil) =>
      handle(request, { waitUntil, propagateHandlerErrors: true }),
    );
    for (const error of failures) {
      log.warn({ code: codeOf(error), reason: reasonOf(error) }, 'an event of a webhook was not taken in');
    }
    return failures.size === 0 ? answer : new Response(null, { status: 500 });
  };
}

/** Does the work and waits for all events that come of it; `answer` rejects with the work itself. */
export async function settled<T>(
  chat: TrackingChat,
  work: (add: (task: Promise<unknown>) => void) => Promise<T>,
): Promise<{ answer: Promise<T>; failures: ReadonlySet<unknown> }> {
  const failures = new Set<unknown>();
  const pending: Promise<unknown>[] = [];
  const add = (task: Promise<unknown>) => {
    pending.push(task.catch((error: unknown) => failures.add(error)));
  };
  const answer = chat.track(add, async () => work(add));
  add(answer);
  // Grows while it is waited for.
  for (const task of pending) await task;
  return { answer, failures };
}
