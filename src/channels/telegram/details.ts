import { z } from 'zod';
import type { Forwarded } from '../adapter.js';
import { mentions } from '../chat-sdk/mentions.js';
import type { MessageDetails, ThreadMessage } from '../chat-sdk/platform.js';
import { type Entity, entitiesSchema, markdownOf, spokenOf } from './entities.js';
import { chatSchema, kindsOf, nameOf, placeholderOf, serviceOf, unknownKindOf, userSchema } from './kinds.js';
import { extraFilesOf, filesOf, fileWords } from './media.js';
import { richWords } from './rich.js';
import type { Topics } from './topics.js';

const some = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const text = z.string().catch('');

/** Where words come from that are passed on, or said in another chat (core.telegram.org/bots/api#messageorigin). */
const originSchema = z.object({
  type: z.string(),
  date: z.number().catch(0),
  sender_user: some(userSchema),
  sender_user_name: text,
  sender_chat: some(chatSchema),
  chat: some(chatSchema),
  author_signature: text,
});
type Origin = z.infer<typeof originSchema>;

const saidSchema = z.object({
  text,
  caption: text,
  entities: entitiesSchema,
  caption_entities: entitiesSchema,
  from: some(userSchema),
  sender_chat: some(chatSchema),
  author_signature: text,
  forward_origin: some(originSchema),
  rich_message: z.unknown().optional(),
});
type Said = z.infer<typeof saidSchema>;

const answeredSchema = saidSchema.extend({
  message_id: z.number(),
  date: z.number().catch(0),
  forum_topic_created: z.unknown().optional(),
});
const externalSchema = z.object({
  origin: some(originSchema),
  chat: some(chatSchema),
  message_id: some(z.number()),
});
const quoteSchema = z.object({
  text: z.string(),
  entities: entitiesSchema,
  is_manual: z.boolean().catch(false),
});

const messageSchema = saidSchema.extend({
  chat: chatSchema,
  message_thread_id: some(z.number()),
  media_group_id: some(z.string()),
  reply_to_message: some(answeredSchema),
  external_reply: some(externalSchema),
  quote: some(quoteSchema),
  reply_to_story: some(z.object({ chat: some(chatSchema) })),
  reply_to_checklist_task_id: some(z.number()),
  reply_to_poll_option_id: some(z.string()),
  web_app_data: some(z.object({ data: z.string(), button_text: text })),
});
type Message = z.infer<typeof messageSchema>;
type Quoted = NonNullable<MessageDetails['quoted']>;

const packetSchema = z
  .object({ reply_to_message: z.unknown().optional(), external_reply: z.unknown().optional() })
  .catch({});

export interface Self {
  id: number;
  username: string;
}

/** What a message says, to whom, whose words it passes on and what it answers, from Telegram's packet alone. */
export function createDetails(self: Self, topics: Topics) {
  return ({ message: { raw } }: ThreadMessage): MessageDetails => {
    const message = messageSchema.parse(raw);
    const packets = packetSchema.parse(raw);
    const { chat, forward_origin: origin, media_group_id: album, reply_to_message: answered } = message;
    const topic = topicOf(message);
    const isTopic = answered !== undefined && isTopicStart(answered, topic);
    if (topic !== null && isTopic) topics.learn(chat.id, topic, packets.reply_to_message);
    const root = topic === null ? null : topics.rootOf(chat.id, topic);
    const said = wordsOf(message) || formWords(message);
    const files = extraFilesOf(raw);
    const shared = {
      ...speakerOf(message),
      ...(chat.title ? { chatName: chat.title } : {}),
      ...(album === undefined ? {} : { album }),
      ...(files.length > 0 ? { files } : {}),
      ...(root ? { root: async () => root } : {}),
      ...(serviceOf(raw) || isForAnother(message, self) ? { service: true as const } : {}),
    };
    const placeholder = said === '' ? instead(raw) : null;
    if (origin) {
      const forwarded: Forwarded = { text: said || (placeholder ?? ''), ...whenceOf(origin) };
      return { ...shared, text: '', mentioned: false, replyTo: null, forwarded };
    }
    const quoted = isTopic ? null : quotedOf(message, packets);
    return {
      ...shared,
      text: said,
      ...(placeholder === null ? {} : { placeholder }),
      mentioned: calls(message, said, self) || (!isTopic && answered?.from?.id === self.id),
      replyTo: answered && !isTopic ? `${chat.id}:${answered.message_id}` : null,
      ...(quoted ? { quoted } : {}),
    };
  };
}

/** Only in a topic is there a thread: `packets.ts` sees to that. */
const topicOf = ({ message_thread_id: topic }: Message): number | null => topic ?? null;

/** Whatever is said in a topic and answers nothing bears the message that made the topic. */
const isTopicStart = (answered: z.infer<typeof answeredSchema>, topic: number | null): boolean =>
  answered.forum_topic_created !== undefined || (topic !== null && answered.message_id === topic);

const entitiesOf = ({ text, entities, caption_entities }: Said): Entity[] =>
  text === '' ? caption_entities : entities;

function wordsOf(said: Said): string {
  const plain = said.text || said.caption;
  return plain === '' ? richWords(said.rich_message) : markdownOf(plain, entitiesOf(said));
}

const LONGEST_FORM = 10_000;

/** What a form sends that was opened from a button (core.telegram.org/bots/api#webappdata). */
function formWords({ web_app_data: form }: Message): string {
  if (!form) return '';
  return `[form] ${[form.button_text, form.data.slice(0, LONGEST_FORM)].filter(Boolean).join(': ')}`;
}

/** What stands in the place of words; null: a file does, or nothing is known of it. */
function instead(raw: unknown): string | null {
  const known = placeholderOf(raw);
  if (known !== null || filesOf(raw).length > 0) return known;
  const kind = unknownKindOf(raw);
  return kind === null ? null : `[a message of a kind that cannot be shown here: ${kind}]`;
}

/**
 * Who speaks in the name of a chat is that chat, and no bot, though Telegram puts one in as the sender: an admin who
 * shows no name, or a person with a channel.
 */
function speakerOf(message: Message): Pick<MessageDetails, 'senderId' | 'senderName' | 'isBot'> {
  const { sender_chat: as } = message;
  if (!as) return {};
  return { senderId: String(as.id), senderName: writerOf(message, message.chat.id), isBot: false };
}

function writerOf({ from, sender_chat: as, author_signature: signed }: Said, chatId: number): string {
  if (!as) return from ? nameOf(from) : '';
  const name = nameOf(as) || String(as.id);
  const whole = as.id === chatId ? `an admin of ${name}` : name;
  return signed === '' ? whole : `${whole} (${signed})`;
}

const COMMAND = /^\/\w{1,64}@(\w{3,64})/;

/** Groups have several bots: a command names the one that it is for. */
function isForAnother({ text, caption, forward_origin: origin }: Message, { username }: Self): boolean {
  const named = COMMAND.exec(text || caption)?.[1];
  return !origin && named !== undefined && named.toLowerCase() !== username.toLowerCase();
}

/** People see `@name` as a call wherever it stands by itself, with an entity or without. */
function isNamed(spoken: string, username: string): boolean {
  return new RegExp(`(?<![\\w@/.-])@${username.replace(/\W/g, '')}(?![\\w-])`, 'i').test(spoken);
}

function calls(message: Message, said: string, { id, username }: Self): boolean {
  const plain = message.text || message.caption;
  const entities = entitiesOf(message);
  if (entities.some(({ type, user }) => type === 'text_mention' && user?.id === id)) return true;
  if (COMMAND.exec(plain)?.[1]?.toLowerCase() === username.toLowerCase()) return true;
  return plain === '' ? mentions(said, username) : isNamed(spokenOf(plain, entities), username);
}

function whenceOf({ date, ...origin }: Origin): { from: string; at: number | null } {
  const by = origin.sender_user ?? origin.sender_chat ?? origin.chat;
  const name = by ? nameOf(by) : origin.sender_user_name;
  const from = origin.author_signature === '' ? name : `${name} (${origin.author_signature})`;
  return { from, at: date > 0 ? date * 1000 : null };
}

/** The words that a message answers, and the part of them that the person marked. */
function quotedOf(message: Message, packets: z.infer<typeof packetSchema>): Quoted | null {
  const {
    chat,
    reply_to_message: answered,
    external_reply: external,
    quote,
    reply_to_story: story,
  } = message;
  const marked = quote ? markdownOf(quote.text, quote.entities) : '';
  const partial = quote?.is_manual === true;
  if (answered) {
    const packet = packets.reply_to_message;
    const part = partial ? marked : partOf(message, packet);
    const whole = wordsOf(answered) || serviceWords(packet) || instead(packet) || fileWords(packet) || marked;
    const files = filesOf(packet);
    return {
      text: part || whole || NOT_SHOWN,
      from: answeredFrom(answered, chat.id),
      messageId: `${chat.id}:${answered.message_id}`,
      partial: part !== '',
      ...(files.length > 0 ? { files } : {}),
    };
  }
  if (external) {
    const packet = packets.external_reply;
    const files = filesOf(packet);
    const where = external.chat ? nameOf(external.chat) : '';
    const { from } = external.origin ? whenceOf(external.origin) : { from: '' };
    const here = external.chat?.id === chat.id && external.message_id !== undefined;
    const told = marked || placeholderOf(packet) || fileWords(packet) || NOT_HANDED_OVER;
    return {
      text: told,
      from: where === '' || where === from || here ? from : `${from} in ${where}`.trimStart(),
      messageId: here ? `${chat.id}:${external.message_id}` : null,
      partial,
      ...(files.length > 0 ? { files } : {}),
    };
  }
  if (!story) return null;
  return { text: '[story]', from: story.chat ? nameOf(story.chat) : '', messageId: null, partial: false };
}

const NOT_SHOWN = '[a message that Telegram does not show]';
const NOT_HANDED_OVER = '[a message of another chat, whose words Telegram does not hand over]';

const serviceWords = (packet: unknown): string => {
  const kind = serviceOf(packet);
  return kind === null ? '' : `[service message: ${kind.replaceAll('_', ' ')}]`;
};

function answeredFrom(answered: z.infer<typeof answeredSchema>, chatId: number): string {
  const writer = writerOf(answered, chatId);
  if (!answered.forward_origin) return writer;
  const { from } = whenceOf(answered.forward_origin);
  return from === '' ? writer : `${from}, forwarded by ${writer}`;
}

/** One task of a checklist, or one option of a poll, that is answered. */
function partOf(
  { reply_to_checklist_task_id: task, reply_to_poll_option_id: option }: Message,
  packet: unknown,
) {
  if (task === undefined && option === undefined) return '';
  const { checklist, poll } = kindsOf(packet);
  const found =
    task === undefined
      ? poll?.options.find((one) => one.persistent_id === option)
      : checklist?.tasks.find((one) => one.id === task);
  return found?.text ?? '';
}
