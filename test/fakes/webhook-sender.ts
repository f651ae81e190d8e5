import { pause } from '../../src/channels/chat-sdk/lanes.js';
import type { Clock } from '../../src/clock.js';

/** A request as a platform sends it. */
export interface Posting {
  headers: Record<string, string>;
  body: string;
}

export interface WebhookSenderOptions {
  url(): string;
  /** Milliseconds after each failure until it is sent again; after the last one the platform gives up. */
  retries: readonly number[];
  clock: Clock;
}

/** A platform that calls: in order where `key` is the same, side by side where it is not. */
export interface WebhookSender {
  /** `make` gets how often it was sent before. */
  send(key: string, make: (retry: number) => Posting): void;
  /** Of every request the answer's status, 0 where none came. */
  readonly answers: readonly number[];
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
      await pause({ clock, signal: ending.signal }, wait);
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
    async close() {
      ending.abort();
      await Promise.all(queues.values());
    },
  };
}
