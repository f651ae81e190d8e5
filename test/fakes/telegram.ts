import { z } from 'zod';
import { type Call, createPlatformServer, type PlatformServer } from './platform-server.js';
import { createMethods } from './telegram/methods.js';
import { createUpdateQueue, type UpdateQueue } from './telegram/updates.js';
import { createWorld, type FakeChat, type FakeMessage, type FakeUser, type World } from './telegram/world.js';

export type { FakeChat, FakeMessage, FakeUser } from './telegram/world.js';

/** A Telegram on loopback: Bot API and files, with a log of what arrived. */
export interface FakeTelegram {
  readonly world: World;
  readonly http: PlatformServer;
  readonly updates: UpdateQueue;
  /** The only valid one; change it and the old one is revoked. */
  token: string;
  /** While it is set, updates cannot be asked for. */
  webhook: boolean;
  /** What the bot has said in a chat, oldest first. */
  said(chat: FakeChat, topic?: number): FakeMessage[];
  say(chat: FakeChat, text: string, options?: SayOptions): FakeMessage;
  /** Makes a topic in the forum; its id. */
  topic(): number;
  react(message: FakeMessage, user: FakeUser, emoji: string): void;
  /** A click on the button with this label; throws where the message has none. Returns the query's id. */
  click(message: FakeMessage, user: FakeUser, label: string): string;
  /** How often a method was called. */
  called(method: string): number;
}

export interface SayOptions {
  from?: FakeUser;
  topic?: number;
  mention?: boolean;
  replyTo?: FakeMessage;
  files?: { name: string; data: Buffer }[];
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
}

const pollSchema = z.object({
  offset: z.number().optional(),
  limit: z.number().default(100),
  timeout: z.number().default(0),
  allowed_updates: z.array(z.string()).nullish(),
});

export async function createFakeTelegram(now: () => number = Date.now): Promise<FakeTelegram> {
  const world = createWorld(now);
  const updates = createUpdateQueue();
  const methods = createMethods(world);
  const state = { token: '7000000001:fake-token-for-tests-00000000000000', webhook: false };

  const refused = (status: number, description: string) => ({
    status,
    body: { ok: false, error_code: status, description },
  });

  async function poll(call: Call) {
    if (state.webhook) return refused(409, "Conflict: can't use getUpdates method while webhook is active");
    const { offset, limit, timeout, allowed_updates } = pollSchema.parse(call.fields);
    const asked = { limit, timeout, allowed: allowed_updates ?? null, gone: call.gone };
    const outcome = await updates.ask({ ...asked, ...(offset === undefined ? {} : { offset }) });
    if (outcome === null) return null;
    if ('conflict' in outcome) return refused(409, 'Conflict: terminated by other getUpdates request');
    return { status: 200, body: { ok: true, result: outcome.updates } };
  }

  const methodOf = (call: Call) => call.path.split('/').slice(2).join('/');
  const http = await createPlatformServer({
    nameOf: (call) => (call.path.startsWith('/file/') ? 'download' : methodOf(call)),
    answer(call) {
      if (!call.path.includes(`/bot${state.token}/`)) return refused(401, 'Unauthorized');
      if (call.path.startsWith('/file/')) {
        return world.files.get(call.path.split('/').at(-1) ?? '') ?? refused(404, 'Not Found');
      }
      const method = methodOf(call);
      if (method === 'deleteWebhook') state.webhook = false;
      return method === 'getUpdates' ? poll(call) : methods(method, call);
    },
  });

  return {
    world,
    http,
    updates,
    get token() {
      return state.token;
    },
    set token(value) {
      state.token = value;
    },
    get webhook() {
      return state.webhook;
    },
    set webhook(value) {
      state.webhook = value;
    },
    said: (chat, topic) =>
      world.messages.filter(
        (message) =>
          message.from === world.bot && message.chat === chat && message.message_thread_id === topic,
      ),
    say(chat, text, options = {}) {
      const name = `@${world.bot.username}`;
      const said = options.mention ? `${name} ${text}` : text;
      const entities = options.mention ? [{ type: 'mention', offset: 0, length: name.length }] : [];
      const [file] = options.files ?? [];
      const message = world.add({
        chat,
        from: options.from ?? world.ada,
        ...(options.topic === undefined ? {} : { message_thread_id: options.topic, is_topic_message: true }),
        ...(options.replyTo ? { reply_to_message: options.replyTo } : {}),
        ...(file
          ? {
              document: world.keepFile(file.name, 'application/octet-stream', file.data),
              caption: said,
              caption_entities: entities,
            }
          : { text: said, entities }),
      });
      if (options.garbled) Object.assign(message, { entities: [null] });
      updates.push({ message });
      return message;
    },
    topic() {
      const id = world.nextId();
      world.topics.add(id);
      return id;
    },
    react(message, user, emoji) {
      const { chat, message_id } = message;
      const new_reaction = [{ type: 'emoji', emoji }];
      const reaction = { chat, message_id, user, date: message.date, old_reaction: [], new_reaction };
      updates.push({ message_reaction: reaction });
    },
    click(message, user, label) {
      const id = String(world.nextId());
      const button = message.reply_markup?.inline_keyboard.flat().find((one) => one.text === label);
      if (!button) throw new Error(`no button ${label}`);
      updates.push({
        callback_query: { id, from: user, message, data: button.callback_data, chat_instance: '1' },
      });
      return id;
    },
    called: (method) => http.requests.filter((request) => request === method).length,
  };
}
