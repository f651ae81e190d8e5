import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Clock, sleep } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import { createListener, type ListenerLimits } from './listener.js';
import { createRoute, type Route, type WebhookHandle } from './route.js';

/** What webhook channels are given: their place at the one HTTP server that platforms call. */
export interface Webhooks {
  /**
   * Takes GET and POST at `/webhooks/<type>`. Rejects with a ChannelStartError where the server cannot listen.
   * `close` takes no new request, and waits some seconds for those in flight.
   */
  open(type: string, handle: WebhookHandle): Promise<{ close(): Promise<void> }>;
}

export { webhookPath } from './address.js';

export interface WebhookServer extends Webhooks {
  /** Where it listens; null: no channel needs it now. */
  port(): number | null;
}

export interface WebhookLimits extends ListenerLimits {
  /** Bytes of a body. The largest that a platform sends are WhatsApp's, 3 MB. */
  body: number;
  /** Requests of one channel that are worked on at the same time. */
  atOnce: number;
  /** For the whole of an answer; the platforms have given up by then. */
  answerMs: number;
}

export interface WebhooksDeps {
  host: string;
  /** 0: any that is free. */
  port: number;
  log: Log;
  clock: Clock;
  limits?: Partial<WebhookLimits>;
}

const LIMITS: WebhookLimits = {
  body: 3 * 1024 ** 2,
  atOnce: 32,
  answerMs: 30_000,
  headersMs: 10_000,
  requestMs: 20_000,
  connections: 256,
};
/** Shorter than what a channel is given for its stop. */
const LONGEST_DRAIN_MS = 4000;

/** The HTTP server of all webhook channels. It listens from the first open route until the last one is closed. */
export function createWebhooks(deps: WebhooksDeps): WebhookServer {
  const { clock, log } = deps;
  const limits = { ...LIMITS, ...deps.limits };
  const routes = new Map<string, Route>();
  const app = new Hono<{ Bindings: HttpBindings; Variables: { route: Route } }>();

  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.use('/webhooks/:type', async (c, next) => {
    const route = routes.get(c.req.param('type'));
    if (!route || !['GET', 'POST'].includes(c.req.method)) return c.notFound();
    c.set('route', route);
    return route.enter(c.env.outgoing) ?? next();
  });
  app.use(bodyLimit({ maxSize: limits.body, onError: (c) => c.body(null, 413) }));
  app.all('/webhooks/:type', async (c) => {
    const { url, method } = c.req;
    const headers = new Headers(c.req.header());
    // Complete, and Node's own class: adapters check and clone it.
    const body = method === 'POST' ? { body: await c.req.arrayBuffer() } : {};
    return c.var.route.answer(new Request(url, { method, headers, ...body }));
  });
  app.notFound((c) => c.body(null, 404));
  app.onError((error, c) => {
    log.debug({ reason: reasonOf(error) }, 'a webhook request broke off');
    return c.body(null, 400);
  });

  const listener = createListener({ fetch: app.fetch, host: deps.host, port: deps.port, log, limits });
  /** Listening and its end, one after the other. */
  let turn: Promise<void> = Promise.resolve();
  function adjust(): Promise<void> {
    turn = turn.catch(() => {}).then(() => (routes.size > 0 ? listener.start() : listener.stop()));
    return turn;
  }

  return {
    port: () => listener.port(),
    async open(type, handle) {
      if (routes.has(type)) throw new Error(`the webhook ${type} is open already`);
      const route = createRoute({ type, handle, clock, log, limits });
      routes.set(type, route);
      const leave = () => {
        if (routes.get(type) === route) routes.delete(type);
        return adjust();
      };
      try {
        await adjust();
      } catch (error) {
        await leave();
        throw error;
      }
      return {
        async close() {
          await Promise.race([route.drain(), sleep(clock, LONGEST_DRAIN_MS)]);
          await leave();
        },
      };
    },
  };
}
