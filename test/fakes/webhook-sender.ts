import { pause } from '../../src/channels/chat-sdk/lanes.js';
import type { Clock } from '../../src/clock.js';

/** A request as a platform sends it. */
export interface Posting {
  headers: Record<string, string>;
  body: string;
}

export interface WebhookSenderOptions {
  url(): string;
  /** Milliseconds after each failure until it is sent again, 0: at once; after the last one the platform gives up. */
  retries: readonly number[];
  clock: Clock;
}

/** A platform that calls: in order where `key` is the same, side by side where it is not. */
export interface WebhookSender {
  /** `make` gets how often it was sent before. */
  send(key: string, make: (retry: number) => Posting): void;
  /** Of every request the answer's status, 0 where none came. */
  readonly answers: readonly number[];
  /** Resolves when everything that was sent until now is answered with success, or given up. */
  idle(): Promise<void>;
  /** Sends no more, and waits for the requests that are out. */
  close(): Promise<void>;
}

export function createWebhookSender({ url, retries, clock }: WebhookSenderOptions): WebhookSender {
  const queues = new Map<string, Promise<void>>();
  const answers: number[] = [];
  const ending = new AbortController();

  async function post(posting: Posting): Promise<number> {
    try {
      return (await fetch(url(), { method: 'POST', ...posting, signal: ending.signal })).status;
    } catch {
      return 0;
    }
  }

  async function deliver(make: (retry: number) => Posting): Promise<void> {
    for (let retry = 0; !ending.signal.aborted; retry += 1) {
      const status = await post(make(retry));
      answers.push(status);
      const wait = retries[retry];
      if ((status >= 200 && status < 300) || wait === undefined || ending.signal.aborted) return;
      if (wait > 0) await pause({ clock, signal: ending.signal }, wait);
    }
  }

  return {
    send(key, make) {
      const before = queues.get(key) ?? Promise.resolve();
      queues.set(
        key,
        before.then(() => deliver(make)),
      );
    },
    answers,
    async idle() {
      await Promise.all(queues.values());
    },
    async close() {
      ending.abort();
      await Promise.all(queues.values());
    },
  };
}
