import type { ChatInstance } from 'chat';
import { z } from 'zod';
import { ChannelError } from '../adapter.js';
import { isGroupChat, normalizePlatformId, transportOf } from '../catalog/index.js';
import { slackFacts } from '../catalog/slack.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, ResolvedChat } from '../chat-sdk/platform.js';
import { BridgedSlackAdapter } from './adapter.js';
import { detailsOf } from './details.js';
import { AUTH_FIX } from './errors.js';
import { createDeliveryHandler, type DeliveryHandler } from './events.js';
import { openSlackFile } from './files.js';
import { findSent, messagesSince } from './history.js';
import { clickSchema, type SlackDelivery } from './packets.js';
import { createSlackRest, DEFAULT_API_URL, type SlackRest } from './rest.js';
import { createSlackSocket } from './socket.js';
import { createSlackWebhook } from './webhook.js';

const selfSchema = z.object({
  user_id: z.string(),
  user: z.string().default('bot'),
  bot_id: z.string().nullish(),
});

/** Slack: its Web API for what goes out, and socket mode, or its requests to our webhook, for what comes in. */
export async function connectSlack(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const { SLACK_BOT_TOKEN: token = '', SLACK_APP_TOKEN: appToken = '', SLACK_SIGNING_SECRET = '' } = env;
  const apiUrl = env.SLACK_API_URL ?? DEFAULT_API_URL;
  const { clock, random, log, signal, delivery, attempt, changes, moved } = context;
  const refused = (detail: string) => () => context.disconnected({ state: 'failed', detail, fix: AUTH_FIX });
  const rest = createSlackRest({
    token,
    apiUrl,
    clock,
    onTokenRefused: refused('Slack refused the bot token.'),
  });
  const found = await rest.call('auth.test', selfSchema, {}, signal);
  const self = { userId: found.user_id, botId: found.bot_id ?? null, name: found.user };
  const logger = createSdkLogger(log, 'slack');
  const adapter = new BridgedSlackAdapter({ rest, token, apiUrl, self, delivery, logger });
  let handler: DeliveryHandler | null = null;
  const listen = (chat: ChatInstance) => {
    handler = createDeliveryHandler({ adapter, attempt, chat, rest, self, clock, ...{ changes, moved } });
  };
  const onDelivery = async (delivery: SlackDelivery) => handler?.take(delivery);

  function bySocket(): Pick<ChatSdkPlatform, 'open' | 'close'> {
    const onTokenRefused = refused('Slack refused the app-level token.');
    const socket = createSlackSocket({
      ...{ clock, random, log, signal },
      rest: createSlackRest({ token: appToken, apiUrl, clock, onTokenRefused }),
      onConnected: () => context.connected(true),
      onDisconnected: (health) => context.disconnected(health),
      onEnvelope: (envelope) => onDelivery(envelope),
    });
    return {
      async open(chat) {
        listen(chat);
        await socket.open();
      },
      close: () => socket.close(),
    };
  }

  function byWebhook(): Pick<ChatSdkPlatform, 'open' | 'webhook'> {
    return {
      open: async (chat) => listen(chat),
      webhook: createSlackWebhook({
        secret: SLACK_SIGNING_SECRET,
        clock,
        onDelivery: (delivery) => onDelivery(delivery),
      }),
    };
  }

  const history = { adapter, rest, attempt, self };
  return {
    adapter,
    // Not for long: three times in the first five minutes.
    redelivers: false,
    ...(transportOf(slackFacts, env) === 'webhook' ? byWebhook() : bySocket()),
    details: (entry) => detailsOf(entry, { adapter, rest, self }),
    retake: async (raw) => handler?.retake(raw),
    clickId: clickIdOf,
    openAttachment: (attachment) => openSlackFile(attachment, { apiUrl, token, signal }),
    history: (platformId, after, until) => messagesSince(history, platformId, after, until),
    // A message's id is the time at which it was written, in seconds.
    idAt: (ms) => (ms / 1000).toFixed(6),
    findSent: (...asked) => findSent(history, ...asked),
    resolveChat: (platformId) => resolveChat(rest, platformId),
  };
}

function clickIdOf(raw: unknown): string | null {
  const click = clickSchema.safeParse(raw).data;
  const [action] = click?.actions ?? [];
  return click && action?.action_ts ? `${click.message.ts}:${click.user.id}:${action.action_ts}` : null;
}

const channelSchema = z.object({ channel: z.object({ name: z.string().optional() }) });

async function resolveChat(rest: SlackRest, given: string): Promise<ResolvedChat | null> {
  const platformId = normalizePlatformId(slackFacts.type, given);
  const channel = platformId.split(':')[1];
  try {
    const info = await rest.call('conversations.info', channelSchema, { channel });
    const { name } = info.channel;
    const isGroup = isGroupChat(slackFacts.type, platformId) ?? true;
    return { platformId, name: name ? `#${name}` : platformId, isGroup };
  } catch (error) {
    if (error instanceof ChannelError && error.errorClass === 'permanent') return null;
    throw error;
  }
}
