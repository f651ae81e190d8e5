import { Readable } from 'node:stream';
import type { Attachment } from 'chat';
import { z } from 'zod';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext } from '../chat-sdk/platform.js';
import { BridgedDiscordAdapter } from './adapter.js';
import { detailsOf } from './details.js';
import { AUTH_FIX } from './errors.js';
import { createPacketHandler, type PacketHandler } from './events.js';
import { createDiscordGateway } from './gateway.js';
import { findSent, messagesSince, snowflakeAt } from './history.js';
import { componentSchema } from './packets.js';
import { createPlaces } from './places.js';
import { createDiscordRest, DEFAULT_API_URL } from './rest.js';

/** Where Discord keeps attachments: nothing else is downloaded because a message says so. */
const ATTACHMENT_HOSTS = new Set(['cdn.discordapp.com', 'media.discordapp.net']);

const selfSchema = z.object({ id: z.string(), username: z.string() });

/** Discord, connected by its gateway for what comes in and its HTTP API for what goes out. */
export async function connectDiscord(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const token = env.DISCORD_BOT_TOKEN ?? '';
  const apiUrl = env.DISCORD_API_URL ?? DEFAULT_API_URL;
  const { clock, random, log, signal, delivery, attempt } = context;
  const rest = createDiscordRest({
    token,
    apiUrl,
    clock,
    onTokenRefused: () =>
      context.disconnected({ state: 'failed', detail: 'Discord refused the bot token.', fix: AUTH_FIX }),
  });
  const self = await rest.read('/users/@me', selfSchema, signal);
  const adapter = new BridgedDiscordAdapter({
    rest,
    apiUrl,
    token,
    applicationId: env.DISCORD_APPLICATION_ID ?? self.id,
    botUserId: self.id,
    userName: self.username,
    delivery,
    logger: createSdkLogger(log, 'discord'),
  });
  let packets: PacketHandler | null = null;
  const gateway = createDiscordGateway({
    token,
    apiUrl,
    clock,
    log,
    signal,
    onConnected: (fresh) => context.connected(fresh),
    onDisconnected: (health) => context.disconnected(health),
    onPacket: (type, data) => packets?.handle(type, data),
  });
  const { client } = gateway;
  const places = createPlaces(client);
  const historyDeps = { adapter, rest, attempt, botUserId: self.id };

  return {
    adapter,
    redelivers: false,
    async open(chat) {
      packets = createPacketHandler({
        ...{ adapter, attempt, chat, places, rest, botUserId: self.id },
        ...{ clock, random, log, signal, changes: context.changes },
      });
      await gateway.open();
    },
    close: () => gateway.close(),
    details: (entry) => detailsOf(entry, { client, places, rest, botUserId: self.id }),
    retake: async (raw) => packets?.retake(raw),
    clickId: (raw) => componentSchema.safeParse(raw).data?.id ?? null,
    openAttachment: (attachment) => openAttachment(attachment, apiUrl, signal),
    history: (platformId, after, until) => messagesSince(historyDeps, platformId, after, until),
    idAt: snowflakeAt,
    findSent: (...asked) => findSent(historyDeps, ...asked),
    async resolveChat(platformId) {
      const channelId = /(\d{15,21})\/?$/.exec(platformId.trim())?.[1];
      const place = channelId ? await places.of(channelId) : null;
      return place && { platformId: place.platformId, name: place.name, isGroup: place.isGroup };
    },
  };
}

async function openAttachment(
  attachment: Attachment,
  apiUrl: string,
  signal: AbortSignal,
): Promise<Readable> {
  const url = new URL(attachment.url ?? '');
  if (!ATTACHMENT_HOSTS.has(url.hostname) && url.origin !== new URL(apiUrl).origin) {
    throw new Error('the attachment does not lie with Discord');
  }
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok || !response.body)
    throw new Error(`Discord did not give the attachment (${response.status})`);
  return Readable.fromWeb(response.body);
}
