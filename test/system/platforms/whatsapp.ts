import { systemClock } from '../../../src/clock.js';
import { createFakeWhatsApp, type FakePerson } from '../../fakes/whatsapp.js';
import { placeOf } from '../crash-matrix/places.js';
import { freePort, STUBBORN } from './calls.js';
import type { Platform } from './types.js';

const VERIFY_TOKEN = 'a-word-of-our-own';

/** A number of a business and two people, which calls until it is answered. */
export async function createWhatsAppPlatform(): Promise<Platform> {
  const port = await freePort();
  const fake = await createFakeWhatsApp(systemClock, STUBBORN);
  fake.webhookUrl = `http://127.0.0.1:${port}/webhooks/whatsapp-cloud`;
  const { world, credentials, http, hook } = fake;
  const chatOf = (person: FakePerson, name: string) => ({
    platformId: `whatsapp:${world.phoneNumberId}:${person.wa_id}`,
    name,
    isGroup: false,
    place: placeOf({
      say: (text) => void fake.say(person, text),
      said: () => fake.said(person).map((sent) => sent.text),
    }),
  });
  return {
    port,
    channelType: 'whatsapp-cloud',
    env: {
      WHATSAPP_ACCESS_TOKEN: credentials.token,
      WHATSAPP_PHONE_NUMBER_ID: world.phoneNumberId,
      WHATSAPP_APP_SECRET: credentials.appSecret,
      WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
      WHATSAPP_API_URL: http.origin(),
      WHARFIE_WEBHOOK_PORT: String(port),
    },
    chats: [chatOf(world.ada, 'ada'), chatOf(world.ben, 'ben')],
    connections: () => http.requests.filter((name) => name === `GET /${world.phoneNumberId}`).length,
    thread: () => {
      throw new Error('WhatsApp has no threads');
    },
    async close() {
      await hook.close();
      await http.close();
    },
  };
}
