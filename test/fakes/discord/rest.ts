import { z } from 'zod';
import { type FakeMessage, shown, type World } from './world.js';

export interface Answer {
  status: number;
  body: unknown;
}

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  /** The JSON body, or `payload_json` of a form. */
  body: unknown;
  files: { name: string; type: string; data: Buffer }[];
  origin: string;
}

const createSchema = z.object({
  content: z.string().nullish(),
  nonce: z.string().max(25).optional(),
  enforce_nonce: z.boolean().optional(),
  embeds: z.array(z.unknown()).default([]),
  components: z.array(z.unknown()).default([]),
  message_reference: z.object({ message_id: z.string() }).optional(),
  allowed_mentions: z.object({ parse: z.array(z.string()) }).optional(),
});
const editSchema = z.object({ content: z.string().nullish() });

const refuse = (status: number, code: number, message: string): Answer => ({
  status,
  body: { code, message },
});
const LONGEST_CONTENT = 2000;
const NONCE_KEPT_MS = 5 * 60_000;

export interface RestDeps {
  world: World;
  now(): number;
  gatewayUrl(): string;
  onMessage(message: FakeMessage): void;
}

/** The part of Discord's HTTP API that a bot uses, with its rules on length, emptiness and nonces. */
export function createFakeRest({ world, now, gatewayUrl, onMessage }: RestDeps): (call: Call) => Answer {
  const nonces = new Map<string, { message: FakeMessage; at: number }>();

  function create(channelId: string, call: Call): Answer {
    if (!world.channels.has(channelId)) return refuse(404, 10003, 'Unknown Channel');
    const parsed = createSchema.safeParse(call.body);
    if (!parsed.success) return refuse(400, 50035, 'Invalid Form Body');
    const { content, nonce, enforce_nonce, embeds, components, message_reference } = parsed.data;
    if ((content ?? '').length > LONGEST_CONTENT) return refuse(400, 50035, 'Invalid Form Body');
    if (!content && embeds.length + components.length + call.files.length === 0) {
      return refuse(400, 50006, 'Cannot send an empty message');
    }
    const known = nonce && enforce_nonce ? nonces.get(nonce) : undefined;
    if (known && now() - known.at < NONCE_KEPT_MS) return { status: 200, body: shown(known.message) };
    const message = world.add({
      channel_id: channelId,
      type: message_reference ? 19 : 0,
      content: content ?? '',
      author: world.bot,
      mentions: [],
      mention_roles: [],
      attachments: keepFiles(call),
      embeds,
      components,
      ...(nonce ? { nonce } : {}),
      ...(message_reference
        ? { message_reference: { message_id: message_reference.message_id, channel_id: channelId } }
        : {}),
    });
    if (nonce) nonces.set(nonce, { message, at: now() });
    onMessage(message);
    return { status: 200, body: shown(message) };
  }

  function keepFiles(call: Call): FakeMessage['attachments'] {
    return call.files.map(({ name, type, data }) => {
      const id = world.nextId();
      const url = `${call.origin}/files/${id}/${encodeURIComponent(name)}`;
      const file = { id, filename: name, content_type: type, size: data.length, url };
      world.files.set(id, { ...file, data });
      return file;
    });
  }

  function list(channelId: string, query: URLSearchParams): Answer {
    if (!world.channels.has(channelId)) return refuse(404, 10003, 'Unknown Channel');
    const limit = Number(query.get('limit') ?? 50);
    const after = BigInt(query.get('after') ?? 0);
    const found = world.inChannel(channelId).filter((message) => BigInt(message.id) > after);
    const page = query.has('after') ? found.slice(0, limit) : found.slice(-limit);
    return { status: 200, body: page.reverse().map(remembered) };
  }

  /** The key of a message is told for as long as it counts. */
  function remembered(message: FakeMessage): object {
    const { nonce, ...rest } = shown(message);
    const known = nonce === undefined ? undefined : nonces.get(nonce);
    return known && now() - known.at < NONCE_KEPT_MS ? { ...rest, nonce } : rest;
  }

  function change(channelId: string, messageId: string, apply: (message: FakeMessage) => void): Answer {
    const message = world.inChannel(channelId).find(({ id }) => id === messageId);
    if (!message) return refuse(404, 10008, 'Unknown Message');
    apply(message);
    return { status: 200, body: shown(message) };
  }

  const threads = (match: (archived: boolean, parent: string | undefined) => boolean): Answer => ({
    status: 200,
    body: {
      threads: [...world.channels.values()].filter(
        (channel) => channel.parent_id !== undefined && match(channel.archived === true, channel.parent_id),
      ),
      members: [],
    },
  });

  type Route = (id: string, second: string, call: Call) => Answer;
  const routes: readonly [RegExp, Route][] = [
    [/^GET \/users\/@me$/, () => ({ status: 200, body: world.bot })],
    [/^GET \/gateway\/bot$/, () => ({ status: 200, body: gatewayInfo(gatewayUrl()) })],
    [
      /^GET \/applications\/@me$/,
      () => ({ status: 200, body: { id: world.bot.id, verify_key: 'a'.repeat(64), flags: 1 << 19 } }),
    ],
    [
      /^GET \/channels\/(\d+)$/,
      (id) => {
        const channel = world.channels.get(id);
        return channel ? { status: 200, body: channel } : refuse(404, 10003, 'Unknown Channel');
      },
    ],
    [/^POST \/channels\/(\d+)\/messages$/, (id, _, call) => create(id, call)],
    [/^GET \/channels\/(\d+)\/messages$/, (id, _, call) => list(id, call.query)],
    [/^GET \/channels\/(\d+)\/messages\/(\d+)$/, (id, message) => change(id, message, () => {})],
    [
      /^PATCH \/channels\/(\d+)\/messages\/(\d+)$/,
      (id, message, call) =>
        change(id, message, (found) => {
          found.content = editSchema.parse(call.body).content ?? '';
          found.edited_timestamp = new Date(now()).toISOString();
        }),
    ],
    [
      /^PUT \/channels\/(\d+)\/messages\/(\d+)\/reactions\/.+\/@me$/,
      (id, message, call) =>
        change(id, message, (found) => {
          found.reacted.push(decodeURIComponent(call.path.split('/')[6] ?? ''));
        }),
    ],
    [/^POST \/channels\/(\d+)\/typing$/, () => ({ status: 204, body: null })],
    [/^GET \/guilds\/\d+\/threads\/active$/, () => threads((archived) => !archived)],
    [
      /^GET \/channels\/(\d+)\/threads\/archived\/public$/,
      (id) => threads((archived, parent) => archived && parent === id),
    ],
    [/^POST \/interactions\/\d+\/[\w-]+\/callback$/, () => ({ status: 204, body: null })],
  ];

  return (call) => {
    for (const [pattern, route] of routes) {
      const match = pattern.exec(`${call.method} ${call.path}`);
      if (match) return route(match[1] ?? '', match[2] ?? '', call);
    }
    return refuse(404, 0, '404: Not Found');
  };
}

const gatewayInfo = (url: string) => ({
  url,
  shards: 1,
  session_start_limit: { total: 1000, remaining: 999, reset_after: 86_400_000, max_concurrency: 1 },
});
