import type { ChatInstance } from 'chat';
import { z } from 'zod';
import { ChannelStartError } from '../adapter.js';
import { githubFacts } from '../catalog/github.js';
import { normalizePlatformId } from '../catalog.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, ResolvedChat } from '../chat-sdk/platform.js';
import { BridgedGitHubAdapter } from './adapter.js';
import { AUTH_FIX, errorOfGitHub } from './errors.js';
import { findSent, messagesSince } from './history.js';
import { messageOf, type Self, threadIdOf } from './packets.js';
import { DEFAULT_API_URL, ownerOf } from './user.js';
import { createGitHubWebhook } from './webhook.js';

const rawSchema = z.object({ repository: z.string() });

/** GitHub: its webhooks for what comes in, its REST API for what goes out and for what was missed. */
export async function connectGitHub(context: ConnectContext): Promise<ChatSdkPlatform> {
  const { clock, log, signal, delivery } = context;
  const env = context.env();
  const { GITHUB_TOKEN: token = '', GITHUB_WEBHOOK_SECRET: webhookSecret = '' } = env;
  const apiUrl = env.GITHUB_API_URL ?? DEFAULT_API_URL;
  const self = await selfOf(token, apiUrl, env.GITHUB_BOT_USERNAME, signal);
  const logger = createSdkLogger(log, 'github');
  const adapter = new BridgedGitHubAdapter({
    ...{ token, webhookSecret, apiUrl, self, delivery, clock, logger, signal },
  });
  const history = { adapter, self };
  let chat: ChatInstance | null = null;

  const classify = (thrown: unknown) => {
    const error = errorOfGitHub(thrown, clock.now());
    if (error?.code === 'github-token-refused') {
      context.disconnected({ state: 'failed', detail: error.message, fix: error.fix });
    }
    return error;
  };

  /** The history's errors as ours, so that one which will not go away is told from an outage. */
  async function* judged<T>(entries: AsyncIterable<T>): AsyncIterable<T> {
    try {
      yield* entries;
    } catch (thrown) {
      throw classify(thrown) ?? thrown;
    }
  }

  return {
    adapter,
    // It never sends an event again by itself: what was missed is read from its history.
    redelivers: false,
    webhook: createGitHubWebhook({
      secret: webhookSecret,
      take: async (said) => chat?.handleIncomingMessage(adapter, threadIdOf(said), messageOf(said, self)),
    }),
    async open(opened) {
      chat = opened;
    },
    details: async ({ message }) => ({ chatName: rawSchema.parse(message.raw).repository }),
    postable: (markdown) => ({ raw: markdown }),
    classify,
    history: (platformId, after, until) => judged(messagesSince(history, platformId, after, until)),
    idAt: (ms) => String(Math.floor(ms / 1000)),
    async findSent(request, sentAt) {
      try {
        return await findSent(history, request, sentAt);
      } catch (thrown) {
        throw classify(thrown) ?? thrown;
      }
    },
    resolveChat: (given) => resolveChat(adapter, given, clock.now()),
  };
}

async function selfOf(
  token: string,
  apiUrl: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Self> {
  const owner = await ownerOf(token, apiUrl, signal).catch((thrown) => {
    throw networkErrorOf(thrown, githubFacts);
  });
  if (typeof owner === 'object') return { ...owner, name: name?.replace(/^@/, '') || owner.login };
  if (owner === 401 || owner === 403) {
    throw new ChannelStartError('github-token-refused', `GitHub refused the token (${owner}).`, AUTH_FIX);
  }
  throw new ChannelStartError(
    'github-outage',
    `GitHub does not tell whose token it is (${owner}).`,
    'Nothing to do: it is tried again by itself. githubstatus.com tells more.',
  );
}

async function resolveChat(
  adapter: BridgedGitHubAdapter,
  given: string,
  now: number,
): Promise<ResolvedChat | null> {
  const platformId = normalizePlatformId(githubFacts.type, given);
  const [owner = '', repo = ''] = platformId.slice('github:'.length).split('/');
  try {
    const { data } = await adapter.octokit.rest.repos.get({ owner, repo });
    return { platformId, name: data.full_name, isGroup: true };
  } catch (thrown) {
    const error = errorOfGitHub(thrown, now);
    if (error?.errorClass === 'permanent') return null;
    throw error ?? thrown;
  }
}
