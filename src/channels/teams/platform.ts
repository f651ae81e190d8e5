import type { ChatInstance } from 'chat';
import type { Address } from '../../db/types.js';
import { teamsFacts } from '../catalog/teams.js';
import { isGroupChat, normalizePlatformId } from '../catalog.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, MessageDetails, ThreadMessage } from '../chat-sdk/platform.js';
import { accountOf, createAppTokens, DEFAULT_LOGIN_URL } from './account.js';
import { BridgedTeamsAdapter } from './adapter.js';
import { createCallers, DEFAULT_OPENID_URL } from './callers.js';
import { AUTH_FIX } from './errors.js';
import { createHomes, type Homes } from './homes.js';
import { createTeamsNames } from './names.js';
import { createOwnThreads } from './own-threads.js';
import {
  activitySchema,
  calledIn,
  isBot,
  placeOf,
  quoteOf,
  readActivity,
  readEnvelope,
  type TeamsActivity,
  textOf,
} from './packets.js';
import { quietly } from './quiet.js';
import { createTeamsRest } from './rest.js';
import { createServices } from './service.js';

/** Teams, whose connector calls us with what people say, and is called with what goes out. */
export async function connectTeams(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const account = accountOf(env);
  const { appId } = account;
  const { clock, log, signal, delivery } = context;
  const services = createServices(env.TEAMS_API_URL);
  const loginUrl = env.TEAMS_LOGIN_URL ?? DEFAULT_LOGIN_URL;
  const tokens = createAppTokens({ account, loginUrl, clock });
  const detail = 'Microsoft refused the app id or its secret.';
  const onTokenRefused = () => context.disconnected({ state: 'failed', detail, fix: AUTH_FIX });
  const rest = createTeamsRest({ tokens, services, clock, onTokenRefused });
  const callers = createCallers({
    appId,
    openIdUrl: env.TEAMS_OPENID_URL ?? DEFAULT_OPENID_URL,
    services,
    clock,
  });
  let homes: Homes | null = null;
  let own: ReturnType<typeof createOwnThreads> | null = null;
  const current = async (conversation: string, known: string) =>
    (await homes?.current(conversation, known)) ?? known;
  const began = async (conversation: string, id: string) => own?.began(conversation, id);
  const names = createTeamsNames({ rest, clock, current });
  await tokens.get();
  const logger = createSdkLogger(log, 'teams');
  const adapter = quietly(() => new BridgedTeamsAdapter({ rest, current, began, appId, delivery, logger }));
  let chat: ChatInstance | null = null;

  async function take(
    activity: TeamsActivity,
    request: Request,
    options: Parameters<typeof adapter.take>[2],
  ) {
    const { type, conversation, serviceUrl } = activity;
    const known = await homes?.arrived(placeOf(conversation.id).conversation, serviceUrl);
    if (known) activity.serviceUrl = known;
    if (type === 'message' && activity.id) return adapter.take(activity, request.url, options);
    if (type === 'messageReaction' && chat) await adapter.react(activity, chat);
    // Everything else (added, renamed, typing, …) is nothing that anybody said.
    return new Response(null, { status: 200 });
  }

  return {
    adapter,
    redelivers: false,
    async open(opened) {
      chat = opened;
      homes = createHomes(opened.getState());
      own = createOwnThreads(opened.getState());
    },
    async webhook(request, options) {
      const envelope = readEnvelope(await request.text());
      const authorization = request.headers.get('authorization');
      if (!envelope || !(await callers.accepts(authorization, envelope.caller))) {
        log.warn({}, 'a call was not from Teams, or not for this bot');
        return new Response(null, { status: 401 });
      }
      const activity = readActivity(envelope.json);
      if (activity) return take(activity, request, options);
      log.warn({}, 'an activity of Teams was not understood');
      return new Response(null, { status: 200 });
    },
    addressOf: (threadId) => addressOf(adapter, threadId),
    threadIdOf: (to) => threadIdOf(adapter, to),
    details: async (entry) => {
      const activity = activitySchema.parse(entry.message.raw);
      const { conversation, thread } = placeOf(activity.conversation.id);
      const answers = thread !== '' && ((await own?.has(conversation, thread)) ?? false);
      return detailsOf(entry, activity, { appId, answers, chatName: await names.of(activity) });
    },
    clickId: (raw) => activitySchema.safeParse(raw).data?.id ?? null,
    openAttachment: (attachment) => rest.download(attachment.url ?? '', signal),
    async resolveChat(given) {
      const platformId = normalizePlatformId(teamsFacts.type, given);
      const [, , service = ''] = platformId.split(':');
      services.urlOf(Buffer.from(service, 'base64url').toString(), '');
      return { platformId, name: platformId, isGroup: isGroupChat(teamsFacts.type, platformId) ?? true };
    },
  };
}

/** The thread stands in Teams' own id of the conversation. */
function addressOf(adapter: BridgedTeamsAdapter, threadId: string): Omit<Address, 'channelType'> {
  const { conversationId } = adapter.decodeThreadId(threadId);
  return { platformId: adapter.channelIdFromThreadId(threadId), threadId: placeOf(conversationId).thread };
}

function threadIdOf(adapter: BridgedTeamsAdapter, { platformId, threadId }: Address): string {
  if (threadId === '') return platformId;
  const place = adapter.decodeThreadId(platformId);
  return adapter.encodeThreadId({
    ...place,
    conversationId: `${place.conversationId};messageid=${threadId}`,
  });
}

function detailsOf(
  { message }: ThreadMessage,
  activity: TeamsActivity,
  { appId, answers, chatName }: { appId: string; answers: boolean; chatName: string },
): MessageDetails {
  const quote = quoteOf(activity);
  const { thread } = placeOf(activity.conversation.id);
  const called = calledIn(activity, appId);
  const root = thread !== '' && thread !== activity.id ? thread : null;
  return {
    text: textOf(activity),
    ...(called ? { calledAs: called } : {}),
    mentioned:
      message.isMention === true || called !== null || answers || isBot(quote?.senderId ?? '', appId),
    replyTo: quote?.messageId ?? root,
    ...(chatName ? { chatName } : {}),
  };
}
