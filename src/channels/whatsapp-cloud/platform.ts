import { whatsappCloudFacts } from '../catalog/whatsapp-cloud.js';
import { normalizePlatformId } from '../catalog.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type {
  ChatSdkPlatform,
  ConnectContext,
  MessageDetails,
  ResolvedChat,
  ThreadMessage,
} from '../chat-sdk/platform.js';
import { BridgedWhatsAppAdapter } from './adapter.js';
import { AUTH_FIX } from './errors.js';
import { openWhatsAppFile } from './files.js';
import { createGraph, DEFAULT_API_URL, numberSchema } from './graph.js';
import { clickSchema, rawSchema } from './packets.js';
import { createStatuses } from './statuses.js';

/** WhatsApp's Cloud API: it calls us with what is said, for days where nobody answers, and has no history. */
export async function connectWhatsApp(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const { WHATSAPP_ACCESS_TOKEN: token = '', WHATSAPP_PHONE_NUMBER_ID: phoneNumberId = '' } = env;
  const { WHATSAPP_APP_SECRET: appSecret = '', WHATSAPP_VERIFY_TOKEN: verifyToken = '' } = env;
  const apiUrl = env.WHATSAPP_API_URL ?? DEFAULT_API_URL;
  const { clock, log, signal, delivery } = context;
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
    logger: createSdkLogger(log, 'whatsapp'),
  });

  return {
    adapter,
    redelivers: true,
    webhook: true,
    details: async (entry) => detailsOf(entry),
    clickId: (raw) => clickSchema.safeParse(raw).data?.clickId ?? null,
    openAttachment: (attachment) => openWhatsAppFile(graph, attachment, { apiUrl, signal }),
    resolveChat: async (platformId) => resolveChat(phoneNumberId, platformId),
  };
}

/** What the Chat SDK's message tells worse: it puts words in the place of a picture, and loses those of a video. */
function detailsOf({ message }: ThreadMessage): MessageDetails {
  const { type, context, image, document, video } = rawSchema.parse(message.raw).message;
  const media = ['image', 'document', 'video', 'audio', 'voice', 'sticker'].includes(type);
  const caption = image?.caption ?? document?.caption ?? video?.caption ?? '';
  return { ...(media ? { text: caption } : {}), replyTo: context?.id ?? null };
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
