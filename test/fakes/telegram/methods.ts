import { z } from 'zod';
import type { Answer, Call } from '../platform-server.js';
import { MarkupError, parseHtml, parseMarkdownV2 } from './markup.js';
import type { FakeChat, FakeMessage, World } from './world.js';

const LONGEST_TEXT = 4096;
const LONGEST_CAPTION = 1024;

/** Numbers, flags and objects also as text: so they stand in multipart forms. */
const number = z.coerce.number();
const json = <T>(schema: z.ZodType<T>) =>
  z.preprocess((value) => (typeof value === 'string' ? JSON.parse(value) : value), schema);
const keyboardSchema = z.object({
  inline_keyboard: z.array(
    z.array(
      z.object({
        text: z.string(),
        callback_data: z.string().max(64).optional(),
        url: z.string().optional(),
      }),
    ),
  ),
});
const targetSchema = z.object({
  chat_id: number,
  message_thread_id: number.optional(),
  reply_parameters: json(z.object({ message_id: number })).optional(),
  reply_markup: json(keyboardSchema).optional(),
  parse_mode: z.enum(['HTML', 'MarkdownV2']).optional(),
});
const messageSchema = targetSchema.extend({ text: z.string() });
const documentSchema = targetSchema.extend({ caption: z.string().default('') });
const groupSchema = targetSchema.extend({
  media: json(
    z.array(
      z.object({ media: z.string(), caption: z.string().default(''), parse_mode: z.string().optional() }),
    ),
  ),
});
const editSchema = targetSchema.extend({ message_id: number, text: z.string() });
const captionSchema = targetSchema.extend({ message_id: number, caption: z.string() });
const reactionSchema = z.object({
  chat_id: number,
  message_id: number,
  reaction: z.array(z.object({ emoji: z.string() })),
});

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, description: string) {
    super(description);
    this.status = status;
  }
}

const bad = (why: string): never => {
  throw new Refusal(400, `Bad Request: ${why}`);
};

/** The methods by which a bot speaks, with Telegram's rules on markup, length and topics. */
export function createMethods(world: World): (method: string, call: Call) => Answer {
  type Target = z.infer<typeof targetSchema>;

  function place(target: Target): Omit<FakeMessage, 'message_id' | 'date'> {
    const chat: FakeChat = world.chats.get(target.chat_id) ?? bad('chat not found');
    const topic = target.message_thread_id;
    if (topic !== undefined && !world.topics.has(topic)) bad('message thread not found');
    const answered = world.messages.find(
      (message) => message.chat === chat && message.message_id === target.reply_parameters?.message_id,
    );
    return {
      chat,
      from: world.bot,
      ...(topic === undefined ? {} : { message_thread_id: topic, is_topic_message: true }),
      ...(answered ? { reply_to_message: answered } : {}),
      ...(target.reply_markup ? { reply_markup: target.reply_markup } : {}),
    };
  }

  function marked(source: string, mode: string | undefined, longest: number) {
    try {
      const plain = { text: source, entities: [] };
      const found = mode === 'HTML' ? parseHtml(source) : mode ? parseMarkdownV2(source) : plain;
      if (found.text.length > longest)
        bad(longest === LONGEST_TEXT ? 'message is too long' : 'message caption is too long');
      return found;
    } catch (error) {
      if (error instanceof MarkupError) return bad(`can't parse entities: ${error.message}`);
      throw error;
    }
  }

  const captioned = (caption: string, mode: string | undefined) => {
    const { text, entities } = marked(caption, mode, LONGEST_CAPTION);
    return { caption: text, caption_entities: entities };
  };

  function messageOf(chatId: number, messageId: number): FakeMessage {
    const found = world.messages.find((one) => one.chat.id === chatId && one.message_id === messageId);
    return found ?? bad('message to edit not found');
  }

  function own(chatId: number, messageId: number): FakeMessage {
    const found = messageOf(chatId, messageId);
    return found.from === world.bot ? found : bad("message can't be edited");
  }

  const methods: Readonly<Record<string, (call: Call) => unknown>> = {
    getMe: () => world.bot,
    deleteWebhook: () => true,
    answerCallbackQuery: () => true,
    sendChatAction: () => true,
    getChat({ fields }) {
      const { chat_id } = z.object({ chat_id: z.union([z.string(), z.number()]) }).parse(fields);
      if (chat_id === '@family_chat') return world.family;
      return world.chats.get(Number(chat_id)) ?? bad('chat not found');
    },
    sendMessage({ fields }) {
      const target = messageSchema.parse(fields);
      const { text, entities } = marked(target.text, target.parse_mode, LONGEST_TEXT);
      if (text.trim() === '') bad('message text is empty');
      return world.add({ ...place(target), text, entities });
    },
    sendDocument({ fields, files }) {
      const target = documentSchema.parse(fields);
      const [file] = files;
      if (!file) return bad('there is no document in the request');
      const document = world.keepFile(file.name, file.type, file.data);
      return world.add({ ...place(target), document, ...captioned(target.caption, target.parse_mode) });
    },
    sendMediaGroup({ fields, files }) {
      const target = groupSchema.parse(fields);
      if (target.media.length < 2 || target.media.length > 10) bad('wrong number of items');
      const media_group_id = String(world.nextId());
      return target.media.map((item) => {
        const file = files.find((one) => `attach://${one.field}` === item.media) ?? bad('file not attached');
        const document = world.keepFile(file.name, file.type, file.data);
        const said = captioned(item.caption, item.parse_mode);
        return world.add({ ...place(target), document, media_group_id, ...said });
      });
    },
    editMessageText({ fields }) {
      const target = editSchema.parse(fields);
      const message = own(target.chat_id, target.message_id);
      if (message.text === undefined) bad('there is no text in the message to edit');
      const { text, entities } = marked(target.text, target.parse_mode, LONGEST_TEXT);
      if (text === message.text)
        bad('message is not modified: specified new message content is exactly the same');
      return Object.assign(message, { text, entities });
    },
    editMessageCaption({ fields }) {
      const target = captionSchema.parse(fields);
      const said = captioned(target.caption, target.parse_mode);
      return Object.assign(own(target.chat_id, target.message_id), said);
    },
    setMessageReaction({ fields }) {
      const { chat_id, message_id, reaction } = reactionSchema.parse(fields);
      const message = messageOf(chat_id, message_id);
      world.reactions.set(
        `${chat_id}:${message.message_id}`,
        reaction.map((one) => one.emoji),
      );
      return true;
    },
    getFile({ fields }) {
      const { file_id } = z.object({ file_id: z.string() }).parse(fields);
      if (!world.files.has(file_id)) bad('invalid file_id');
      return { file_id, file_path: `documents/${file_id}` };
    },
  };

  return (method, call) => {
    try {
      const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (!run) throw new Refusal(404, 'Not Found: method not found');
      return { status: 200, body: { ok: true, result: run(call) } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message } = error;
      return { status, body: { ok: false, error_code: status, description: message } };
    }
  };
}
