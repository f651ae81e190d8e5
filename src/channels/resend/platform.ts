import { z } from 'zod';
import { emailAddressIn, resendFacts } from '../catalog/resend.js';
import { normalizePlatformId } from '../catalog.js';
import type { ChatSdkPlatform, ConnectContext } from '../chat-sdk/platform.js';
import { MailAdapter } from './adapter.js';
import { createResendApi, DEFAULT_API_URL, LIST_PATH } from './api.js';
import { AUTH_FIX } from './errors.js';
import { createInbound } from './inbound.js';
import { attachmentSchema } from './packets.js';

const fileSchema = z.object({ mail: z.string().regex(/^[\w-]+$/), attachment: z.string().regex(/^[\w-]+$/) });

/** E-mail by Resend: it calls us with what comes in, for a day and more where nobody answers. */
export async function connectResend(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const {
    RESEND_API_KEY: key = '',
    RESEND_FROM_ADDRESS: from = '',
    RESEND_WEBHOOK_SECRET: secret = '',
  } = env;
  const { clock, log, signal, delivery } = context;
  const api = createResendApi({
    key,
    apiUrl: env.RESEND_API_URL ?? DEFAULT_API_URL,
    clock,
    onKeyRefused: () =>
      context.disconnected({ state: 'failed', detail: 'Resend refused the API key.', fix: AUTH_FIX }),
  });
  await api.read(LIST_PATH, z.object({}), signal);
  const address = emailAddressIn(from) ?? from;
  const adapter = new MailAdapter({ api, from, address, delivery });
  const acceptUnverified = env.RESEND_UNVERIFIED_SENDERS === 'accept';
  const now = () => clock.now();

  return {
    adapter,
    redelivers: true,
    webhook: createInbound({ api, adapter, secret, address, acceptUnverified, now, log, signal }),
    async openAttachment({ fetchMetadata }) {
      const { mail, attachment } = fileSchema.parse(fetchMetadata);
      const path = `/emails/receiving/${mail}/attachments/${attachment}`;
      const { download_url } = await api.read(path, attachmentSchema, signal);
      return api.download(download_url, signal);
    },
    // Nothing tells whether an address exists.
    async resolveChat(given) {
      const platformId = normalizePlatformId(resendFacts.type, given);
      return { platformId, name: platformId.slice(platformId.indexOf(':') + 1), isGroup: false };
    },
  };
}
