import { type Adapter, type AdapterPostableMessage, type ChatInstance, Message, parseMarkdown } from 'chat';

/** A Chat SDK adapter of a platform that exists in memory only: for what the bridge does with any of them. */
export interface FakeAdapter extends Adapter {
  /** What was posted, in order: thread id and what. */
  posted: [threadId: string, message: AdapterPostableMessage][];
  /** The next post fails with it. */
  failWith: unknown;
  chat: ChatInstance | null;
}

export function createFakeAdapter(name = 'discord'): FakeAdapter {
  const adapter: FakeAdapter = {
    name,
    userName: 'bot',
    botUserId: 'bot-1',
    posted: [],
    failWith: null,
    chat: null,
    async initialize(chat) {
      adapter.chat = chat;
    },
    async postMessage(threadId, message) {
      const error = adapter.failWith;
      adapter.failWith = null;
      if (error) throw error;
      adapter.posted.push([threadId, message]);
      return { id: `m${adapter.posted.length}`, threadId, raw: {} };
    },
    editMessage: async (threadId, id) => ({ id, threadId, raw: {} }),
    deleteMessage: async () => {},
    addReaction: async () => {},
    removeReaction: async () => {},
    startTyping: async () => {
      throw new Error('typing is not possible');
    },
    fetchMessages: async () => ({ messages: [] }),
    fetchThread: async (id) => ({ id, channelId: id, metadata: {} }),
    fetchChannelInfo: async (id) => ({ id, name: 'the chat', metadata: {} }),
    handleWebhook: async () => new Response(),
    channelIdFromThreadId: (id) => id.split(':').slice(0, 3).join(':'),
    encodeThreadId: (id) => String(id),
    decodeThreadId: (id) => id,
    isDM: (id) => id.includes(':@me:'),
    parseMessage: () => messageOf('1', ''),
    renderFormatted: () => '',
  };
  return adapter;
}

export function messageOf(
  id: string,
  text: string,
  from: { isMe?: boolean; mention?: boolean } = {},
): Message {
  return new Message({
    id,
    threadId: '',
    text,
    formatted: parseMarkdown(text),
    raw: {},
    author: { userId: 'u1', userName: 'ada', fullName: 'Ada', isBot: false, isMe: from.isMe ?? false },
    metadata: { dateSent: new Date(1000), edited: false },
    attachments: [{ type: 'file', name: 'a.txt', fetchData: async () => Buffer.from('bytes') }],
    isMention: from.mention ?? false,
  });
}
