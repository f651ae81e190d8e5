import type { ChatInstance } from 'chat';
import { z } from 'zod';
import { linearFacts } from '../catalog/linear.js';
import { normalizePlatformId } from '../catalog.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, ResolvedChat } from '../chat-sdk/platform.js';
import { createAccounts } from './accounts.js';
import { BridgedLinearAdapter } from './adapter.js';
import { createLinearApi, DEFAULT_API_URL, type LinearApi, loginOf, viewerOf } from './api.js';
import { AUTH_FIX } from './errors.js';
import { openLinearFile } from './files.js';
import { findSent, messagesSince, momentId } from './history.js';
import { messageOf, threadIdOf } from './packets.js';
import { createLinearWebhook } from './webhook.js';

const rawSchema = z.object({
  teamName: z.string(),
  isBot: z.boolean().nullable(),
  parent: z.object({ id: z.string() }).nullish(),
});

/** Linear: its webhooks for what comes in, its GraphQL API for what goes out and for what was missed. */
export async function connectLinear(context: ConnectContext): Promise<ChatSdkPlatform> {
  const { clock, log, signal, delivery } = context;
  const env = context.env();
  const { LINEAR_WEBHOOK_SECRET: webhookSecret = '' } = env;
  const apiUrl = env.LINEAR_API_URL ?? DEFAULT_API_URL;
  const api = createLinearApi({
    login: loginOf(env),
    apiUrl,
    clock,
    onTokenRefused: () =>
      context.disconnected({ state: 'failed', detail: 'Linear refused the key.', fix: AUTH_FIX }),
  });
  const self = await viewerOf(api, signal);
  const logger = createSdkLogger(log, 'linear');
  const adapter = new BridgedLinearAdapter({ api, clock, webhookSecret, self, delivery, logger });
  const history = { adapter, api, apiUrl, self };
  const accounts = createAccounts({ api, clock, log, signal });
  let chat: ChatInstance | null = null;

  return {
    adapter,
    // After a minute, an hour and six: what was missed is read from its history.
    redelivers: false,
    webhook: createLinearWebhook({
      secret: webhookSecret,
      clock,
      take: async (said) =>
        chat?.handleIncomingMessage(adapter, threadIdOf(said), messageOf(said, self, apiUrl)),
    }),
    async open(opened) {
      chat = opened;
    },
    async details({ message }) {
      const { teamName, isBot, parent } = rawSchema.parse(message.raw);
      return {
        ...{ chatName: teamName, replyTo: parent?.id ?? null },
        isBot: isBot ?? (await accounts.isApp(message.author.userId)),
      };
    },
    openAttachment: (attachment) => openLinearFile(attachment, { api, apiUrl, signal }),
    postable: (markdown) => ({ raw: markdown }),
    history: (platformId, after, until) => messagesSince(history, platformId, after, until),
    idAt: momentId,
    findSent: (request) => findSent(history, request),
    resolveChat: (given) => resolveChat(api, given, signal),
  };
}

const TEAMS = 'query Teams($filter: TeamFilter) { teams(filter: $filter, first: 1) { nodes { key name } } }';
const teamsSchema = z.object({
  teams: z.object({ nodes: z.array(z.object({ key: z.string(), name: z.string() })) }),
});

async function resolveChat(api: LinearApi, given: string, signal: AbortSignal): Promise<ResolvedChat | null> {
  const platformId = normalizePlatformId(linearFacts.type, given);
  const filter = { key: { eqIgnoreCase: platformId.slice('linear:'.length) } };
  const [team] = (await api.call(TEAMS, { filter }, teamsSchema, signal)).teams.nodes;
  return team ? { platformId, name: team.name, isGroup: true } : null;
}
