import { systemClock } from '../../../src/clock.js';
import { createFakeResend, type FakeResend } from '../../fakes/resend.js';
import { type Place, placeOf } from '../crash-matrix/places.js';
import { freePort, STUBBORN } from './calls.js';
import type { Platform } from './types.js';

/** An address of an agent and two people, each of whom goes on in one thread. */
export async function createResendPlatform(): Promise<Platform & { fake: FakeResend }> {
  const port = await freePort();
  const fake = await createFakeResend(systemClock, STUBBORN);
  fake.webhookUrl = `http://127.0.0.1:${port}/webhooks/resend`;
  const { http, hook, key, secret, domain } = fake;
  const placeIn = (address: string, thread: string): Place =>
    placeOf({
      say: (text) => void fake.receive({ from: address, text, headers: { references: `<${thread}>` } }),
      said: () =>
        fake.sent
          .filter((mail) => mail.to === address && mail.headers.References?.startsWith(`<${thread}>`))
          .map((mail) => mail.text),
    });
  const chatOf = (name: string) => {
    const address = `${name}@example.org`;
    return {
      platformId: `resend:${address}`,
      name,
      isGroup: false,
      place: placeIn(address, `root@${address.replace('@', '.')}`),
    };
  };
  return {
    fake,
    port,
    channelType: 'resend',
    env: {
      RESEND_API_KEY: key.value,
      RESEND_FROM_ADDRESS: `agent@${domain.name}`,
      RESEND_WEBHOOK_SECRET: secret,
      RESEND_API_URL: http.origin(),
      WHARFIE_WEBHOOK_PORT: String(port),
    },
    chats: [chatOf('ada'), chatOf('ben')],
    connections: () => http.requests.filter((name) => name === 'GET /emails/receiving').length,
    thread: (name) => placeIn('ada@example.org', `${name}@example.org`),
    async close() {
      await hook.close();
      await http.close();
    },
  };
}
