import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { type Clock, systemClock } from '../../src/clock.js';
import { createResolvers, Refusal, shownComment } from './linear/methods.js';
import {
  createWorld,
  type FakeComment,
  type FakeIssue,
  type FakePerson,
  type FakeTeam,
  type World,
} from './linear/world.js';
import { type Answer, type Call, createPlatformServer, type PlatformServer } from './platform-server.js';
import { createWebhookSender, type Posting, type WebhookSender } from './webhook-sender.js';

export type { FakeComment, FakeIssue } from './linear/world.js';

/** A Linear on loopback: its GraphQL API, tokens for applications, and its webhooks. */
export interface FakeLinear {
  readonly world: World;
  readonly http: PlatformServer;
  readonly sender: WebhookSender;
  readonly secret: string;
  /** The only valid one; change it and the old one is revoked. */
  apiKey: string;
  readonly application: { clientId: string; clientSecret: string };
  /** Tokens that were given out; delete one and it is revoked. */
  readonly tokens: Set<string>;
  /** A signed event, not sent. */
  posting(type: string, action: string, data: object, more?: object): Posting;
  /** `more`: what the event has besides, such as `updatedFrom`. */
  dispatch(type: string, action: string, data: object, more?: object): void;
  say(issue: FakeIssue, body: string, options?: SayOptions): FakeComment;
  open(team: FakeTeam, title: string, description: string): FakeIssue;
  close(): Promise<void>;
}

export interface SayOptions {
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
  from?: FakePerson | null;
  parent?: FakeComment | null;
  /** Linear's event is lost: it is in the history only. */
  unheard?: boolean;
}

/** How Linear sends again (linear.app/developers/webhooks). */
const RETRIES = [60_000, 3_600_000, 21_600_000];
const bodySchema = z.object({ query: z.string(), variables: z.unknown() });
/** Operations of ours have a name, and one root field. */
const OPERATION = /^(?:query|mutation) \w+(?:\([^)]*\))? \{\s*(\w+)/;

/** Without `webhookUrl` nobody is called. */
export async function createFakeLinear(
  clock: Clock = systemClock,
  webhookUrl: () => string = () => '',
): Promise<FakeLinear> {
  const world = createWorld(clock.now);
  const secret = 'lin_wh_secret_of_the_webhook_0123';
  const application = { clientId: 'client-id-0123456789', clientSecret: 'client-secret-0123456789' };
  const tokens = new Set<string>();
  let apiKey = 'lin_api_0123456789_fake_for_tests';
  const sender = createWebhookSender({ url: webhookUrl, retries: RETRIES, clock });
  const resolvers = createResolvers(
    world,
    () => http.origin(),
    (comment) => dispatch('Comment', 'create', shownComment(comment)),
  );
  const fieldOf = (call: Call) =>
    OPERATION.exec(bodySchema.safeParse(call.fields).data?.query ?? '')?.[1] ?? '';

  function token({ fields }: Call): Answer {
    const { clientId, clientSecret } = application;
    const right = fields.client_id === clientId && fields.client_secret === clientSecret;
    if (!right || fields.grant_type !== 'client_credentials')
      return { status: 401, body: { error: 'invalid_client' } };
    const given = `token-${tokens.size + 1}`;
    tokens.add(given);
    return { status: 200, body: { access_token: given, token_type: 'Bearer', expires_in: 2_591_999 } };
  }

  const failure = (status: number, message: string, code: string): Answer => ({
    status,
    body: { errors: [{ message, extensions: { code, type: code.toLowerCase() } }] },
  });

  function put(id: string, { data }: Call): Answer {
    if (world.files.get(id) !== null) return { status: 403, body: {} };
    world.files.set(id, data);
    return { status: 200, body: {} };
  }

  function answer(call: Call): Answer | Buffer {
    if (call.path === '/oauth/token') return token(call);
    const upload = /^\/upload\/(\w+)$/.exec(call.path)?.[1];
    if (upload) return put(upload, call);
    const valid = call.authorization === apiKey || tokens.has(call.authorization.replace(/^Bearer /, ''));
    if (!valid) return failure(401, 'Authentication required, not authenticated', 'AUTHENTICATION_ERROR');
    const file = /^\/files\/(\w+)$/.exec(call.path)?.[1];
    if (file) return world.files.get(file) ?? { status: 404, body: {} };
    const field = fieldOf(call);
    const resolve = Object.hasOwn(resolvers, field) ? resolvers[field] : undefined;
    if (!resolve) return failure(400, `Cannot query field "${field}"`, 'GRAPHQL_VALIDATION_FAILED');
    try {
      return { status: 200, body: { data: { [field]: resolve(bodySchema.parse(call.fields).variables) } } };
    } catch (error) {
      if (error instanceof Refusal) return failure(200, error.message, error.code);
      return failure(400, String(error), 'GRAPHQL_VALIDATION_FAILED');
    }
  }

  const http: PlatformServer = await createPlatformServer({
    nameOf: (call) => `${call.path} ${fieldOf(call)}`.trim(),
    answer,
  });

  function posting(type: string, action: string, data: object, more: object = {}): Posting {
    const event = {
      type,
      action,
      data,
      organizationId: 'org',
      webhookId: 'hook',
      webhookTimestamp: clock.now(),
      ...more,
    };
    // Whether an account is an application's no event tells.
    const body = JSON.stringify(event, (name, value) => (name === 'app' ? undefined : value));
    return {
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'linear-event': type,
        'linear-delivery': '00000000-0000-0000-0000-000000000000',
        'linear-signature': createHmac('sha256', secret).update(body).digest('hex'),
      },
    };
  }

  function dispatch(type: string, action: string, data: object, more?: object): void {
    const team = /"key":"(\w+)"/.exec(JSON.stringify(data))?.[1] ?? '';
    if (webhookUrl() !== '') sender.send(team, () => posting(type, action, data, more));
  }

  return {
    world,
    http,
    sender,
    secret,
    application,
    tokens,
    get apiKey() {
      return apiKey;
    },
    set apiKey(value) {
      apiKey = value;
    },
    posting,
    dispatch,
    say(issue, body, { from = world.ada, parent = null, unheard, garbled } = {}) {
      const comment = world.write({ body, issue, user: from, parent });
      if (garbled) Object.assign(comment, { body: 5 });
      if (!unheard) dispatch('Comment', 'create', shownComment(comment));
      return comment;
    },
    open(team, title, description) {
      const issue = world.open(team, title, { description });
      dispatch('Issue', 'create', issue);
      return issue;
    },
    async close() {
      await sender.close();
      await http.close();
    },
  };
}
