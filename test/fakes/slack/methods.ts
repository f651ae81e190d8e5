import { z } from 'zod';
import type { Answer, Call } from '../platform-server.js';
import { type FakeFile, type FakeMessage, shown, type World } from './world.js';

const LONGEST_MARKDOWN = 12_000;

/** Fields of a form: what is no text is JSON there. */
const json = <T>(schema: z.ZodType<T>) =>
  z.preprocess((value) => (typeof value === 'string' ? JSON.parse(value) : value), schema);
const yes = z.preprocess((value) => value === 'true' || value === true, z.boolean());

const elementSchema = z.looseObject({ action_id: z.string().optional(), text: z.unknown() });
const blocksSchema = json(
  z.array(z.looseObject({ type: z.string(), elements: z.array(elementSchema).optional() })),
);
const textSchema = z.object({
  text: z.string().optional(),
  markdown_text: z.string().optional(),
  blocks: blocksSchema.optional(),
});
const postSchema = textSchema.extend({
  channel: z.string(),
  thread_ts: z.string().optional(),
  metadata: json(
    z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }),
  ).optional(),
});
const updateSchema = textSchema.extend({ channel: z.string(), ts: z.string() });
const pageSchema = z.object({
  channel: z.string(),
  ts: z.string().optional(),
  oldest: z.string().default('0'),
  latest: z.string().default('9'),
  inclusive: yes.optional(),
  include_all_metadata: yes.optional(),
  limit: z.coerce.number().default(100),
  cursor: z.string().optional(),
});
const completeSchema = z.object({
  files: json(z.array(z.object({ id: z.string(), title: z.string().optional() }))),
  channel_id: z.string(),
  thread_ts: z.string().optional(),
  initial_comment: z.string().default(''),
});

class Refusal extends Error {}
const refuse = (code: string): never => {
  throw new Refusal(code);
};

export interface MethodDeps {
  world: World;
  origin(): string;
  socketUrl(): string;
}

/** The methods of Slack's Web API that an app needs to read and write. */
export function createMethods({
  world,
  origin,
  socketUrl,
}: MethodDeps): (method: string, call: Call) => Answer {
  /** Files whose bytes are there, and that stand in no channel yet. */
  const uploads = new Map<string, { name: string; length: number; file: FakeFile | null }>();

  function checked({ text, markdown_text, blocks }: z.infer<typeof textSchema>) {
    if (markdown_text !== undefined && (text !== undefined || blocks)) refuse('markdown_text_conflict');
    if (!text && !markdown_text && !blocks) refuse('no_text');
    if ((markdown_text ?? '').length > LONGEST_MARKDOWN) refuse('msg_too_long');
    const ids = (blocks ?? []).flatMap((block) => (block.elements ?? []).map((one) => one.action_id));
    if (new Set(ids).size !== ids.length) refuse('invalid_blocks');
    const plain = unescaped(text ?? '');
    // Its history tells Slack's own markup, not the Markdown that was sent.
    const told = markdown_text === undefined ? (text ?? '') : escaped(markdown_text.replaceAll('**', '*'));
    return { text: told, markdown: markdown_text ?? plain, ...(blocks ? { blocks } : {}) };
  }

  function say(channel: string, thread: string | undefined, fields: Partial<FakeMessage>): FakeMessage {
    if (!world.channels.has(channel)) refuse('channel_not_found');
    const { id: user, bot_id } = world.bot;
    return world.add({
      channel,
      user,
      bot_id,
      text: '',
      ...fields,
      ...(thread ? { thread_ts: thread } : {}),
    });
  }

  function own(channel: string, ts: string): FakeMessage {
    const found = world.messages.find((one) => one.channel === channel && one.ts === ts);
    if (!found) return refuse('message_not_found');
    return found.user === world.bot.id ? found : refuse('cant_update_message');
  }

  /** Newest first for a channel, oldest first for a thread, as Slack does. */
  function page(fields: Record<string, unknown>, thread: boolean): object {
    const { channel, ts, oldest, latest, inclusive, limit, cursor, include_all_metadata } =
      pageSchema.parse(fields);
    if (!world.channels.has(channel)) refuse('channel_not_found');
    const within = (one: FakeMessage) =>
      inclusive ? one.ts >= oldest && one.ts <= latest : one.ts > oldest && one.ts < latest;
    const all = world.messages.filter((one) => one.channel === channel);
    const found = thread
      ? all.filter((one) => one.ts === ts || (one.thread_ts === ts && within(one)))
      : all.filter((one) => (one.thread_ts ?? one.ts) === one.ts && within(one)).reverse();
    const start = Number(cursor ?? 0);
    const next = start + limit < found.length ? String(start + limit) : '';
    return {
      messages: found.slice(start, start + limit).map((one) => shown(world, one, include_all_metadata)),
      has_more: next !== '',
      response_metadata: { next_cursor: next },
    };
  }

  const methods: Readonly<Record<string, (call: Call) => object>> = {
    'auth.test': () => ({
      user_id: world.bot.id,
      user: world.bot.name,
      bot_id: world.bot.bot_id,
      team_id: 'T0FAKE',
    }),
    'apps.connections.open': () => ({ url: socketUrl() }),
    'users.info'({ fields }) {
      const user = world.users.find((one) => one.id === fields.user) ?? refuse('user_not_found');
      return {
        user: { ...user, is_bot: user.bot_id !== undefined, profile: { display_name: user.real_name } },
      };
    },
    'conversations.info': ({ fields }) => ({
      channel: world.channels.get(String(fields.channel)) ?? refuse('channel_not_found'),
    }),
    'conversations.history': ({ fields }) => page(fields, false),
    'conversations.replies': ({ fields }) => page(fields, true),
    'chat.postMessage'({ fields }) {
      const { channel, thread_ts, metadata, ...said } = postSchema.parse(fields);
      const message = say(channel, thread_ts, { ...checked(said), ...(metadata ? { metadata } : {}) });
      return { channel, ts: message.ts, message: shown(world, message) };
    },
    'chat.update'({ fields }) {
      const { channel, ts, ...said } = updateSchema.parse(fields);
      Object.assign(own(channel, ts), checked(said));
      return { channel, ts };
    },
    'reactions.add'({ fields }) {
      const { timestamp, name } = z.object({ timestamp: z.string(), name: z.string() }).parse(fields);
      if (!/^[a-z0-9_+-]+$/.test(name)) refuse('invalid_name');
      const there = world.reactions.get(timestamp) ?? [];
      if (there.includes(name)) refuse('already_reacted');
      world.reactions.set(timestamp, [...there, name]);
      return {};
    },
    'files.getUploadURLExternal'({ fields }) {
      const { filename, length } = z
        .object({ filename: z.string(), length: z.coerce.number() })
        .parse(fields);
      const file_id = world.nextId('F');
      uploads.set(file_id, { name: filename, length, file: null });
      return { file_id, upload_url: `${origin()}/upload/${file_id}` };
    },
    'files.completeUploadExternal'({ fields }) {
      const { files, channel_id, thread_ts, initial_comment } = completeSchema.parse(fields);
      const kept = files.map(({ id }) => uploads.get(id)?.file ?? refuse('file_not_found'));
      const text = { text: initial_comment, markdown: unescaped(initial_comment) };
      say(channel_id, thread_ts, { ...text, files: kept, subtype: 'file_share' });
      return { files };
    },
    'files.info'({ fields }) {
      const message = world.messages.find((one) => one.files?.some((file) => file.id === fields.file));
      const shares = message ? { public: { [message.channel]: [{ ts: message.ts }] } } : {};
      const elsewhere = world.elsewhere.get(String(fields.file));
      if (!message && !elsewhere) refuse('file_not_found');
      return { file: { ...elsewhere, shares } };
    },
  };

  function put(id: string, data: Buffer): Answer {
    const upload = uploads.get(id);
    if (!upload || upload.length !== data.length) return { status: 400, body: {} };
    world.files.set(id, data);
    const { name, length: size } = upload;
    upload.file = {
      id,
      name,
      mimetype: 'application/octet-stream',
      size,
      url_private: `${origin()}/files/${id}`,
    };
    return { status: 200, body: {} };
  }

  return (method, call) => {
    if (method.startsWith('upload/')) return put(method.slice('upload/'.length), call.data);
    try {
      const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
      return { status: 200, body: { ok: true, ...(run?.(call) ?? refuse('unknown_method')) } };
    } catch (error) {
      if (error instanceof Refusal) return { status: 200, body: { ok: false, error: error.message } };
      throw error;
    }
  };
}

const unescaped = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
