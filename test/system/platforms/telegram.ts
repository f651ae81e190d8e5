import { createFakeTelegram, type FakeChat, type FakeTelegram } from '../../fakes/telegram.js';
import { type Place, placeOf } from '../crash-matrix/places.js';
import type { Platform } from './types.js';

export interface TelegramPlatform extends Platform {
  fake: FakeTelegram;
}

/** A Telegram of one group and one private chat. */
export async function createTelegramPlatform(): Promise<TelegramPlatform> {
  const fake = await createFakeTelegram();
  const { family, direct } = fake.world;
  const chatOf = (chat: FakeChat, name: string) => ({
    platformId: `telegram:${chat.id}`,
    name,
    isGroup: chat === family,
    place: telegramPlace(fake, chat),
  });
  return {
    fake,
    channelType: 'telegram',
    env: { TELEGRAM_BOT_TOKEN: fake.token, TELEGRAM_API_URL: fake.http.origin() },
    chats: [chatOf(family, 'family'), chatOf(direct, 'ada')],
    connections: () => fake.called('getUpdates'),
    thread: () => telegramPlace(fake, family, fake.topic()),
    close: () => fake.http.close(),
  };
}

const telegramPlace = (fake: FakeTelegram, chat: FakeChat, topic?: number): Place =>
  placeOf({
    say: (text) => void fake.say(chat, text, topic === undefined ? {} : { topic }),
    said: () => fake.said(chat, topic).map((message) => message.text ?? ''),
  });
