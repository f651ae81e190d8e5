import type { Clock } from '../../src/clock.js';

export interface WebhookCaller {
  /** Calls with this body, after what was to be called with before; again and again until it is answered with success. */
  call(body: string): void;
  /** The status of every answer, in its order; 0: none came. */
  readonly answers: number[];
  /** Resolves when everything was answered, or waits to be called again. */
  idle(): Promise<void>;
}

export interface WebhookCallerDeps {
  /** Where to; null: nobody has told yet, so it is tried later. */
  url(): string | null;
  /** The headers that show who calls; new ones at each try. */
  sign(body: string): Record<string, string>;
  clock: Clock;
}

/** So often at once, then after some seconds. */
const AT_ONCE = 4;
const AGAIN_MS = 4000;

/** How platforms call: one request after another, and again where it was not answered with success. */
export function createWebhookCaller(deps: WebhookCallerDeps): WebhookCaller {
  const answers: number[] = [];
  let last: Promise<void> = Promise.resolve();

  async function post(body: string, tries: number): Promise<void> {
    const url = deps.url();
    const headers = { 'content-type': 'application/json', ...deps.sign(body) };
    const response = url && (await fetch(url, { method: 'POST', headers, body }).catch(() => null));
    const status = response ? response.status : 0;
    answers.push(status);
    if (status >= 200 && status <= 299) return;
    if (tries < AT_ONCE) add(body, tries + 1);
    else deps.clock.after(AGAIN_MS, () => add(body, tries));
  }

  function add(body: string, tries: number): void {
    last = last.then(() => post(body, tries));
  }

  async function idle(): Promise<void> {
    for (let seen = null; seen !== last; ) {
      seen = last;
      await seen;
    }
  }

  return { call: (body) => add(body, 1), answers, idle };
}
