import { ChannelError } from '../adapter.js';
import { isGroupChat, normalizePlatformId } from '../catalog/index.js';
import { telegramFacts } from '../catalog/telegram.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, ResolvedChat } from '../chat-sdk/platform.js';
import { BridgedTelegramAdapter } from './adapter.js';
import { createTelegramApi, DEFAULT_API_URL, selfSchema, type TelegramApi } from './api.js';
import { createDetails } from './details.js';
import { AUTH_FIX } from './errors.js';
import { openTelegramFile } from './files.js';
import { chatInfoSchema, clickSchema, keptUpdate } from './packets.js';
import { createTopics } from './topics.js';
import { createUpdates } from './updates.js';

/** Telegram, asked for updates in long requests; it keeps what was said meanwhile for a day, and has no history. */
export async function connectTelegram(context: ConnectContext): Promise<ChatSdkPlatform> {
  const { TELEGRAM_BOT_TOKEN: token = '', TELEGRAM_API_URL: apiUrl = DEFAULT_API_URL } = context.env();
  const { clock, random, log, signal, delivery, attempt } = context;
  const api = createTelegramApi({
    token,
    apiUrl,
    clock,
    onTokenRefused: () =>
      context.disconnected({ state: 'failed', detail: 'Telegram refused the bot token.', fix: AUTH_FIX }),
  });
  const self = await api.read('getMe', selfSchema, {}, { signal });
  const topics = createTopics();
  const details = createDetails(self, topics);
  const adapter = new BridgedTelegramAdapter({
    api,
    token,
    apiUrl,
    self,
    delivery,
    attempt,
    changes: context.changes,
    topics,
    moved: (from, to) => context.moved(from, to),
    logger: createSdkLogger(log, 'telegram'),
  });
  let updates: ReturnType<typeof createUpdates> | null = null;

  return {
    adapter,
    redelivers: true,
    async open(chat) {
      updates = createUpdates({
        api,
        attempt,
        state: chat.getState(),
        stateKey: `telegram:${self.id}:waiting`,
        take: (update) => adapter.take(update),
        clock,
        random,
        log,
        signal,
        onConnected: () => context.connected(false),
        onDisconnected: (health) => context.disconnected(health),
      });
      await updates.open();
    },
    close: async () => updates?.close(),
    details: async (entry) => details(entry),
    retake: (raw) => adapter.take(keptUpdate(raw)),
    clickId: (raw) => clickSchema.safeParse(raw).data?.id ?? null,
    openAttachment: (attachment) => openTelegramFile(api, attachment, signal),
    resolveChat: (platformId) => resolveChat(api, platformId),
  };
}

const PUBLIC_NAME = /(?:^@|t\.me\/)([a-z]\w{3,31})(?:\/\d+)*\/?$/i;

/** Also by the public name of a group (`@name`, `t.me/name`). */
async function resolveChat(api: TelegramApi, given: string): Promise<ResolvedChat | null> {
  const name = PUBLIC_NAME.exec(given.trim().replace(/^(?:telegram|tg):/i, ''))?.[1];
  const chat_id = name ? `@${name}` : normalizePlatformId(telegramFacts.type, given).split(':')[1];
  try {
    const chat = await api.read('getChat', chatInfoSchema, { chat_id });
    const platformId = normalizePlatformId(telegramFacts.type, String(chat.id));
    const person = [chat.first_name, chat.last_name].filter(Boolean).join(' ');
    const isGroup = isGroupChat(telegramFacts.type, platformId) ?? true;
    return { platformId, name: chat.title ?? (person || platformId), isGroup };
  } catch (error) {
    if (error instanceof ChannelError && error.errorClass === 'permanent') return null;
    throw error;
  }
}
