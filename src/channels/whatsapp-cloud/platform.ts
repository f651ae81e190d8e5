import { normalizePlatformId } from '../catalog/index.js';
import { whatsappCloudFacts } from '../catalog/whatsapp-cloud.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, ResolvedChat } from '../chat-sdk/platform.js';
import { BridgedWhatsAppAdapter } from './adapter.js';
import { detailsOf } from './details.js';
import { AUTH_FIX } from './errors.js';
import { openWhatsAppFile } from './files.js';
import { createGraph, DEFAULT_API_URL, numberSchema } from './graph.js';
import { clickSchema } from './packets.js';
import { createStatuses } from './statuses.js';

/** WhatsApp's Cloud API: it calls us with what is said, for days where nobody answers, and has no history. */
export async function connectWhatsApp(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const { WHATSAPP_ACCESS_TOKEN: token = '', WHATSAPP_PHONE_NUMBER_ID: phoneNumberId = '' } = env;
  const { WHATSAPP_APP_SECRET: appSecret = '', WHATSAPP_VERIFY_TOKEN: verifyToken = '' } = env;
  const apiUrl = env.WHATSAPP_API_URL ?? DEFAULT_API_URL;
  const { clock, log, signal, delivery, attempt } = context;
  const graph = createGraph({
    token,
    apiUrl,
    clock,
    onTokenRefused: () =>
      context.disconnected({
        state: 'failed',
        detail: 'WhatsApp refused the access token.',
        fix: AUTH_FIX,
      }),
  });
  const fields = 'display_phone_number,verified_name';
  const { verified_name: name } = await graph.read(
    `/${phoneNumberId}?fields=${fields}`,
    numberSchema,
    signal,
  );
  const adapter = new BridgedWhatsAppAdapter({
    graph,
    statuses: createStatuses({ clock, log, signal }),
    token,
    apiUrl,
    appSecret,
    verifyToken,
    phoneNumberId,
    name,
    delivery,
    attempt,
    changes: context.changes,
    logger: createSdkLogger(log, 'whatsapp'),
  });

  return {
    adapter,
    redelivers: true,
    webhook: true,
    details: async (entry) => detailsOf(entry),
    retake: (raw) => adapter.retake(raw),
    clickId: (raw) => clickSchema.safeParse(raw).data?.clickId ?? null,
    openAttachment: (attachment) => openWhatsAppFile(graph, attachment, { apiUrl, signal }),
    resolveChat: async (platformId) => resolveChat(phoneNumberId, platformId),
  };
}

/** Nothing tells whether a number has WhatsApp; a bare one is a person who writes to this channel's number. */
function resolveChat(phoneNumberId: string, given: string): ResolvedChat | null {
  const bare = given.trim().replace(/^whatsapp:/i, '');
  const complete = whatsappCloudFacts.platformId.partial?.test(bare) ? `${phoneNumberId}:${bare}` : given;
  const platformId = normalizePlatformId(whatsappCloudFacts.type, complete);
  const [, number, user = ''] = platformId.split(':');
  if (number !== phoneNumberId) return null;
  return { platformId, name: /^\d/.test(user) ? `+${user}` : user, isGroup: false };
}
