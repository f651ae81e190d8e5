import type { ChatInstance } from 'chat';
import { ChannelStartError } from '../adapter.js';
import { githubFacts } from '../catalog/github.js';
import { normalizePlatformId } from '../catalog/index.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, ResolvedChat } from '../chat-sdk/platform.js';
import { createAbout } from './about.js';
import { BridgedGitHubAdapter } from './adapter.js';
import { AUTH_FIX, errorOfGitHub } from './errors.js';
import { type Happened, saidBy } from './happened.js';
import { findSent, messagesSince } from './history.js';
import { messageIdOf } from './ids.js';
import { messageOf, packetOfSaid, type Said, type Self, saidSchema, threadIdOf } from './packets.js';
import { DEFAULT_API_URL, ownerOf } from './user.js';
import { createGitHubWebhook } from './webhook.js';

/** GitHub: its webhooks for what comes in, its REST API for what goes out and for what was missed. */
export async function connectGitHub(context: ConnectContext): Promise<ChatSdkPlatform> {
  const { clock, log, signal, delivery, attempt } = context;
  const env = context.env();
  const { GITHUB_TOKEN: token = '', GITHUB_WEBHOOK_SECRET: webhookSecret = '' } = env;
  const apiUrl = env.GITHUB_API_URL ?? DEFAULT_API_URL;
  const self = await selfOf(token, apiUrl, env.GITHUB_BOT_USERNAME, signal);
  const logger = createSdkLogger(log, 'github');
  const adapter = new BridgedGitHubAdapter({
    ...{ token, webhookSecret, apiUrl, self, delivery, clock, logger, signal },
  });
  const history = { adapter, self, attempt };
  const about = createAbout({ adapter, self, log });
  let chat: ChatInstance | null = null;
  const take = async (said: Said) => {
    const read = await attempt(packetOfSaid(said), () => messageOf(said, self));
    if (read) await chat?.handleIncomingMessage(adapter, threadIdOf(said), read.value);
  };

  /** What becomes of our own words is no news. */
  const isOwn = ({ user }: Said) => user?.id === self.id;

  async function changed(happened: Happened): Promise<void> {
    if (happened.kind === 'said') return take(happened.said);
    if (happened.kind === 'moved') return context.moved(happened.from, happened.to);
    const { said } = happened;
    if (isOwn(said)) return;
    const threadId = threadIdOf(said);
    if (happened.kind === 'edited') {
      const read = await attempt(packetOfSaid(said), () => messageOf(said, self));
      const editor = happened.by?.id;
      const by = editor === undefined ? undefined : String(editor);
      if (read) await context.changes.edited({ threadId, message: read.value }, happened.version, by);
      return;
    }
    const by = happened.by ?? said.user;
    const messageId = messageIdOf(said.createdAt, said.kind, said.id);
    const who = { userId: String(by?.id ?? 0), userName: by?.login ?? 'ghost' };
    await context.changes.deleted({ threadId, messageId, ...who, at: clock.now() });
  }

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
      attempt,
      take: changed,
    }),
    async retake(raw) {
      const said = saidBy(raw);
      if (said) await take(said);
    },
    async open(opened) {
      chat = opened;
    },
    details: async ({ message }) => {
      const said = saidSchema.parse(message.raw);
      return about.detailsOf({ ...said, user: said.user });
    },
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
