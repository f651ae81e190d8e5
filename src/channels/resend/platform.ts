import { Readable } from 'node:stream';
import { z } from 'zod';
import { normalizePlatformId } from '../catalog/index.js';
import { emailAddressIn, resendFacts } from '../catalog/resend.js';
import type { ChatSdkPlatform, ConnectContext } from '../chat-sdk/platform.js';
import { MailAdapter } from './adapter.js';
import { createResendApi, DEFAULT_API_URL, LIST_PATH } from './api.js';
import { AUTH_FIX } from './errors.js';
import { createInbound } from './inbound.js';
import { openFile } from './invitations.js';

const rawSchema = z.object({
  problems: z.array(z.string()),
  forwarded: z.object({ text: z.string(), from: z.string(), at: z.number().nullable() }).optional(),
  title: z.string().nullable().default(null),
});
/** Of a message, and of what is kept of one that cannot be read. */
const keptSchema = z.object({ id: z.string().regex(/^[\w-]{1,100}$/) });
const fileSchema = z.object({ mail: z.string().regex(/^[\w-]+$/), attachment: z.string().regex(/^[\w-]+$/) });

/** E-mail by Resend: it calls us with what comes in, for a day and more where nobody answers. */
export async function connectResend(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const {
    RESEND_API_KEY: key = '',
    RESEND_FROM_ADDRESS: from = '',
    RESEND_WEBHOOK_SECRET: secret = '',
  } = env;
  const { clock, log, signal, delivery, attempt, parser } = context;
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

  const inbound = createInbound({
    ...{ api, adapter, attempt, parser, secret, address, acceptUnverified, clock, now, log, signal },
    admits: (sender) => {
      const id = `${resendFacts.type}:${sender}`;
      return context.admits({ platformId: id, senderId: id });
    },
  });

  return {
    adapter,
    redelivers: true,
    webhook: inbound.webhook,
    retake: (raw) => inbound.fetch(keptSchema.parse(raw).id),
    details: async ({ message }) => {
      const { problems, forwarded, title } = rawSchema.parse(message.raw);
      const subject = { kind: 'mail', title, url: null, path: null, line: null, text: null } as const;
      return {
        ...{ problems, placeholder: '[a mail without words]' },
        ...(forwarded ? { forwarded } : {}),
        ...(title === null ? {} : { subject }),
      };
    },
    async openAttachment({ fetchMetadata, data }) {
      if (Buffer.isBuffer(data)) return Readable.from([data]);
      const { mail, attachment } = fileSchema.parse(fetchMetadata);
      return openFile(api, mail, attachment, signal);
    },
    // Nothing tells whether an address exists.
    async resolveChat(given) {
      const platformId = normalizePlatformId(resendFacts.type, given);
      return { platformId, name: platformId.slice(platformId.indexOf(':') + 1), isGroup: false };
    },
  };
}
