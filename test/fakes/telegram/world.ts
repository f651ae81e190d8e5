import type { Entity } from './markup.js';

/** What exists in the fake Telegram, and what has happened in it (core.telegram.org/bots/api#available-types). */
export interface FakeUser {
  id: number;
  is_bot: boolean;
  first_name: string;
  username?: string;
}

export interface FakeChat {
  id: number;
  type: 'private' | 'supergroup';
  title?: string;
  first_name?: string;
  is_forum?: boolean;
}

export interface FakeDocument {
  file_id: string;
  file_unique_id: string;
  file_name: string;
  mime_type: string;
  file_size: number;
}

export interface FakeMessage {
  message_id: number;
  date: number;
  chat: FakeChat;
  from: FakeUser;
  message_thread_id?: number;
  is_topic_message?: boolean;
  text?: string;
  entities?: Entity[];
  caption?: string;
  caption_entities?: Entity[];
  document?: FakeDocument;
  media_group_id?: string;
  reply_to_message?: FakeMessage;
  reply_markup?: { inline_keyboard: { text: string; callback_data?: string | undefined }[][] };
}

export interface World {
  readonly bot: FakeUser;
  readonly ada: FakeUser;
  readonly family: FakeChat;
  readonly direct: FakeChat;
  readonly chats: Map<number, FakeChat>;
  readonly messages: FakeMessage[];
  /** Topics of the forum, by the id of the message that made them. */
  readonly topics: Set<number>;
  readonly files: Map<string, Buffer>;
  /** Emoji that the bot put under a message, by `<chat>:<message>`. */
  readonly reactions: Map<string, string[]>;
  nextId(): number;
  add(message: Omit<FakeMessage, 'message_id' | 'date'>): FakeMessage;
  keepFile(name: string, type: string, data: Buffer): FakeDocument;
}

/** One forum, one person with a private chat, and the bot. `now` in epoch milliseconds. */
export function createWorld(now: () => number): World {
  let count = 40;
  const nextId = () => {
    count += 1;
    return count;
  };
  const bot: FakeUser = { id: 7_000_000_001, is_bot: true, first_name: 'Wharfie', username: 'wharfie_bot' };
  const ada: FakeUser = { id: 5_000_000_077, is_bot: false, first_name: 'Ada' };
  const family: FakeChat = { id: -1_001_234_567_890, type: 'supergroup', title: 'Family', is_forum: true };
  const direct: FakeChat = { id: ada.id, type: 'private', first_name: 'Ada' };
  const messages: FakeMessage[] = [];
  const files = new Map<string, Buffer>();
  return {
    bot,
    ada,
    family,
    direct,
    chats: new Map([family, direct].map((chat) => [chat.id, chat])),
    messages,
    topics: new Set(),
    files,
    reactions: new Map(),
    nextId,
    add(message) {
      const added = { ...message, message_id: nextId(), date: Math.floor(now() / 1000) };
      messages.push(added);
      return added;
    },
    keepFile(name, type, data) {
      const id = `file_${nextId()}`;
      files.set(id, data);
      return {
        file_id: id,
        file_unique_id: `u_${id}`,
        file_name: name,
        mime_type: type,
        file_size: data.length,
      };
    },
  };
}
