import type { ChatInstance } from 'chat';
import { z } from 'zod';
import { normalizePlatformId } from '../catalog/index.js';
import { linearFacts } from '../catalog/linear.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, ResolvedChat } from '../chat-sdk/platform.js';
import { createAbout } from './about.js';
import { createAccounts } from './accounts.js';
import { BridgedLinearAdapter } from './adapter.js';
import { createLinearApi, DEFAULT_API_URL, type LinearApi, loginOf, viewerOf } from './api.js';
import { AUTH_FIX } from './errors.js';
import { openLinearFile } from './files.js';
import { findSent, messagesSince, momentId } from './history.js';
import {
  type Happened,
  messageOf,
  packetOfSaid,
  type Said,
  saidBy,
  saidSchema,
  threadIdOf,
} from './packets.js';
import { createLinearWebhook } from './webhook.js';

/** Linear: its webhooks for what comes in, its GraphQL API for what goes out and for what was missed. */
export async function connectLinear(context: ConnectContext): Promise<ChatSdkPlatform> {
  const { clock, log, signal, delivery, attempt } = context;
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
  const history = { adapter, api, apiUrl, self, attempt };
  const accounts = createAccounts({ api, clock, log, signal });
  const about = createAbout({ api, clock, log, signal });
  let chat: ChatInstance | null = null;
  const take = async (said: Said) => {
    const read = await attempt(packetOfSaid(said), () => messageOf(said, self, apiUrl));
    if (read) await chat?.handleIncomingMessage(adapter, threadIdOf(said), read.value);
  };

  async function changed(happened: Happened): Promise<void> {
    const { kind, said } = happened;
    if (kind === 'said') return take(said);
    // What becomes of our own words is no news.
    if (said.author.id === self.id) return;
    const threadId = threadIdOf(said);
    if (kind === 'edited') {
      const read = await attempt(packetOfSaid(said), () => messageOf(said, self, apiUrl));
      if (!read) return;
      await context.changes.edited({ threadId, message: read.value }, happened.version, happened.by.id);
      return;
    }
    const { id: userId, name: userName } = happened.by;
    await context.changes.deleted({ threadId, messageId: said.id, userId, userName, at: clock.now() });
  }

  return {
    adapter,
    // After a minute, an hour and six: what was missed is read from its history.
    redelivers: false,
    webhook: createLinearWebhook({
      secret: webhookSecret,
      ...{ attempt, clock, take: changed },
    }),
    async retake(raw) {
      const said = saidBy(raw);
      if (said) await take(said);
    },
    async open(opened) {
      chat = opened;
    },
    async details({ message }) {
      const said = saidSchema.parse(message.raw);
      const [told, isBot] = await Promise.all([
        about(said),
        said.isBot ?? accounts.isApp(message.author.userId),
      ]);
      return { ...told, isBot };
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
