import { webhookPath } from '../../../src/channels/webhooks/index.js';
import { KEY_FILE } from '../../fakes/gchat/tokens.js';
import { createFakeGoogleChat, type FakeGoogleChat, type FakeSpace } from '../../fakes/gchat.js';
import { placeOf } from '../crash-matrix/places.js';
import { freePort, taken } from './calls.js';
import type { Platform } from './types.js';

export interface GoogleChatPlatform extends Platform {
  fake: FakeGoogleChat;
}

/** A Google Chat of one direct message and one group chat, which calls once, and tells whoever was not heard. */
export async function createGoogleChatPlatform(now: () => number = Date.now): Promise<GoogleChatPlatform> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${webhookPath('gchat')}`;
  const fake = await createFakeGoogleChat(now, () => url);
  const { world, http, caller } = fake;
  const chatOf = (space: FakeSpace, name: string) => ({
    platformId: `gchat:${space.name}`,
    name,
    isGroup: space !== world.direct,
    place: placeOf({
      say: (text) => void fake.say(space, text),
      told: () => taken(caller, space.name),
      said: () => fake.said(space).map((message) => message.text),
    }),
  });
  return {
    fake,
    port,
    channelType: 'gchat',
    env: {
      GCHAT_CREDENTIALS: JSON.stringify(KEY_FILE),
      GCHAT_PROJECT_NUMBER: fake.projectNumber,
      GCHAT_API_URL: http.origin(),
      GCHAT_TOKEN_URL: `${http.origin()}/token`,
      GCHAT_CERTS_URL: http.origin(),
      WHARFIE_WEBHOOK_PORT: String(port),
    },
    chats: [chatOf(world.direct, 'ada'), chatOf(world.family, 'family')],
    connections: () => http.requests.filter((name) => name === 'POST /token').length,
    thread: () => {
      throw new Error('a direct message of Google Chat has no threads');
    },
    close: () => fake.close(),
  };
}
