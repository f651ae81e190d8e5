import type { ServerResponse } from 'node:http';
import type { Clock } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';

/** Answers one request, whose body is complete. Rejects: 500, and the platform is to send it again. */
export type WebhookHandle = (request: Request) => Promise<Response>;

export interface RouteDeps {
  type: string;
  handle: WebhookHandle;
  clock: Clock;
  log: Log;
  limits: { atOnce: number; answerMs: number };
}

/** One channel's place at the server. */
export interface Route {
  /** Counts a request until its answer is out; or the answer why it is not taken. */
  enter(outgoing: ServerResponse): Response | null;
  answer(request: Request): Promise<Response>;
  /** Takes no new request. Resolves when every one in flight is answered. */
  drain(): Promise<void>;
}

const TRY_LATER = { 'Retry-After': '5' };

export function createRoute({ type, handle, clock, log, limits }: RouteDeps): Route {
  const inFlight = new Set<ServerResponse>();
  let draining = false;
  let drained = () => {};

  /** Their time is bounded, so that work that hangs does not use up the channel's places. */
  async function inTime(request: Request): Promise<Response> {
    let stop = () => {};
    const late = new Promise<Response>((resolve) => {
      const timer = clock.after(limits.answerMs, () => resolve(empty(503, TRY_LATER)));
      stop = timer.cancel;
    });
    try {
      return await Promise.race([handle(request), late]);
    } finally {
      stop();
    }
  }

  return {
    enter(outgoing) {
      if (draining) return empty(503, TRY_LATER);
      if (inFlight.size >= limits.atOnce) {
        log.warn({ webhook: type, atOnce: limits.atOnce }, 'too many webhook requests at once');
        return empty(429, TRY_LATER);
      }
      inFlight.add(outgoing);
      outgoing.once('close', () => {
        inFlight.delete(outgoing);
        if (inFlight.size === 0) drained();
      });
      return null;
    },
    async answer(request) {
      try {
        const response = await inTime(request);
        log.debug({ webhook: type, status: response.status }, 'webhook answered');
        return response;
      } catch (error) {
        log.warn({ webhook: type, code: codeOf(error), reason: reasonOf(error) }, 'webhook failed');
        return empty(500);
      }
    },
    drain() {
      draining = true;
      return new Promise((resolve) => {
        drained = resolve;
        if (inFlight.size === 0) resolve();
      });
    },
  };
}

const empty = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });
