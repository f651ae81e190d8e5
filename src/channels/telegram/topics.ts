import { z } from 'zod';
import type { ThreadRoot } from '../adapter.js';
import { nameOf, userSchema } from './kinds.js';

const createdSchema = z.object({
  message_id: z.number(),
  from: userSchema.optional().catch(undefined),
  forum_topic_created: z.object({ name: z.string() }).optional().catch(undefined),
});
const toldSchema = z.object({
  chat: z.object({ id: z.number() }),
  message_id: z.number(),
  message_thread_id: z.number().optional().catch(undefined),
  forum_topic_created: z.object({ name: z.string() }).optional().catch(undefined),
  forum_topic_edited: z.object({ name: z.string().optional() }).optional().catch(undefined),
});

type Root = Omit<ThreadRoot, 'files'>;
const MOST_TOPICS = 1000;
const LONGEST_NAME = 300;

export interface Topics {
  /** From the service messages that make a topic or rename it. */
  hear(message: unknown): void;
  /** From what bears the message that made its topic. */
  learn(chatId: number, topic: number, answered: unknown): void;
  /** Null: nobody has told the name. */
  rootOf(chatId: number, topic: number): Root | null;
}

/** What the topics of forums are called: a message in one that answers another does not tell. */
export function createTopics(): Topics {
  const known = new Map<string, Root>();

  function remember(chatId: number, topic: number, name: string, from: string): void {
    const key = `${chatId}:${topic}`;
    known.delete(key);
    known.set(key, { text: `[topic: ${name.slice(0, LONGEST_NAME)}]`, from, messageId: key });
    for (const oldest of known.keys()) {
      if (known.size <= MOST_TOPICS) break;
      known.delete(oldest);
    }
  }

  return {
    hear(message) {
      const told = toldSchema.safeParse(message).data;
      if (!told) return;
      const { chat, message_id, message_thread_id: topic = message_id } = told;
      const name = told.forum_topic_created?.name ?? told.forum_topic_edited?.name;
      if (name === undefined) return;
      const from = createdSchema.safeParse(message).data?.from;
      const before = known.get(`${chat.id}:${topic}`)?.from;
      remember(chat.id, topic, name, before ?? (from ? nameOf(from) : ''));
    },
    learn(chatId, topic, answered) {
      const created = createdSchema.safeParse(answered).data;
      const name = created?.forum_topic_created?.name;
      // A topic may have got another name since.
      if (name === undefined || known.has(`${chatId}:${topic}`)) return;
      remember(chatId, topic, name, created?.from ? nameOf(created.from) : '');
    },
    rootOf: (chatId, topic) => known.get(`${chatId}:${topic}`) ?? null,
  };
}
