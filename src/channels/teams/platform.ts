import type { ChatInstance } from 'chat';
import type { Address } from '../../address.js';
import { reasonOf } from '../../errors.js';
import { shortHash } from '../../ids.js';
import { isGroupChat, normalizePlatformId } from '../catalog/index.js';
import { teamsFacts } from '../catalog/teams.js';
import type { Packet } from '../chat-sdk/guard.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type { ChatSdkPlatform, ConnectContext, MessageDetails, ThreadMessage } from '../chat-sdk/platform.js';
import { accountOf, createAppTokens, DEFAULT_LOGIN_URL } from './account.js';
import { BridgedTeamsAdapter } from './adapter.js';
import { type Began, createBegunThreads } from './begun-threads.js';
import { createCallers, DEFAULT_OPENID_URL } from './callers.js';
import { isWords } from './cards.js';
import { AUTH_FIX } from './errors.js';
import { createHomes, type Homes } from './homes.js';
import { createTeamsNames } from './names.js';
import {
  activitySchema,
  calledIn,
  isBot,
  momentOf,
  placeOf,
  quoteOf,
  readActivity,
  readEnvelope,
  type TeamsActivity,
  textOf,
  unreadSchema,
} from './packets.js';
import { quietly } from './quiet.js';
import { createTeamsRest } from './rest.js';
import { createServices } from './service.js';
import type { TeamsWords } from './words.js';

const UNREAD = 'The layout of this message could not be read.';

/** Teams, whose connector calls us with what people say, and is called with what goes out. */
export async function connectTeams(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const account = accountOf(env);
  const { appId } = account;
  const { clock, log, signal, delivery, attempt } = context;
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
  let begun: ReturnType<typeof createBegunThreads> | null = null;
  const current = async (conversation: string, known: string) =>
    (await homes?.current(conversation, known)) ?? known;
  const began = async (conversation: string, id: string, text: string) =>
    begun?.began(conversation, id, { text, from: '', own: true });
  const names = createTeamsNames({ rest, clock, current });
  await tokens.get();
  const logger = createSdkLogger(log, 'teams');
  const adapter = quietly(() => new BridgedTeamsAdapter({ rest, current, began, appId, delivery, logger }));
  let chat: ChatInstance | null = null;

  async function take(activity: TeamsActivity, url: string, options: Parameters<typeof adapter.take>[2]) {
    const { type, conversation, serviceUrl } = activity;
    const known = await homes?.arrived(placeOf(conversation.id).conversation, serviceUrl);
    if (known) activity.serviceUrl = known;
    if (type === 'message' && activity.id) {
      // The adapter reads it where nobody learns that it failed.
      const read = await attempt(packetOf(adapter, activity), () => adapter.parseMessage(activity));
      if (!read) return new Response(null, { status: 200 });
      await heard(activity);
      return adapter.take(activity, url, options);
    }
    if (type === 'messageUpdate' || type === 'messageDelete') await changed(activity);
    if (type === 'conversationUpdate' && /Renamed$/.test(activity.channelData?.eventType ?? ''))
      names.forget();
    if (type === 'messageReaction' && chat) await adapter.react(activity, chat);
    // Everything else (added, renamed, typing, …) is nothing that anybody said.
    return new Response(null, { status: 200 });
  }

  async function wordsOf(activity: TeamsActivity): Promise<TeamsWords> {
    const read = await context.parser.read('teams', activity, `${teamsFacts.type}:${activity.from.id}`);
    return read ?? { text: textOf(activity), answered: '', placeholder: UNREAD, problems: [UNREAD] };
  }

  /** What a thread begins with is remembered: whoever is called in it later is told. */
  async function heard(activity: TeamsActivity): Promise<void> {
    const { conversation, thread } = placeOf(activity.conversation.id);
    if (thread === '' || thread !== activity.id) return;
    const { text } = await wordsOf(activity);
    const known = { text, from: activity.from.name ?? '', own: false };
    await begun?.began(conversation, thread, known).catch((error: unknown) => {
      log.debug({ reason: reasonOf(error) }, 'what a thread began with was not remembered');
    });
  }

  /** learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-messages: edited, deleted, restored. */
  async function changed(activity: TeamsActivity): Promise<void> {
    const { id, from, timestamp, conversation, serviceUrl, type } = activity;
    if (!id || isBot(from.id, appId)) return;
    if (type === 'messageDelete') {
      const threadId = adapter.encodeThreadId({ conversationId: conversation.id, serviceUrl });
      const who = { userId: from.id, userName: from.name ?? '' };
      await context.changes.deleted({
        threadId,
        messageId: id,
        ...who,
        at: momentOf(timestamp) ?? clock.now(),
      });
      return;
    }
    const read = await attempt(packetOf(adapter, activity), () => adapter.parseMessage(activity));
    if (!read) return;
    const { value: message } = read;
    const version = timestamp ?? shortHash(JSON.stringify(activity.text ?? ''), 20);
    const entry = { threadId: message.threadId, message };
    // …/bots/how-to/conversations/channel-messages: a message that was deleted is back, within some minutes.
    if (activity.channelData?.eventType === 'undeleteMessage')
      await context.changes.restored(entry, `restored:${version}`);
    else await context.changes.edited(entry, version);
  }

  return {
    adapter,
    redelivers: false,
    async open(opened) {
      chat = opened;
      homes = createHomes(opened.getState());
      begun = createBegunThreads(opened.getState());
    },
    async webhook(request, options) {
      const envelope = readEnvelope(await request.text());
      const authorization = request.headers.get('authorization');
      if (!envelope || !(await callers.accepts(authorization, envelope.caller))) {
        log.warn({}, 'a call was not from Teams, or not for this bot');
        return new Response(null, { status: 401 });
      }
      const activity = readActivity(envelope.json);
      if (activity) return take(activity, request.url, options);
      log.warn({}, 'an activity of Teams was not understood');
      if (unreadSchema.parse(envelope.json).type === 'message') {
        await attempt(packetOf(adapter, envelope.json), () => activitySchema.parse(envelope.json));
      }
      return new Response(null, { status: 200 });
    },
    addressOf: (threadId) => addressOf(adapter, threadId),
    threadIdOf: (to) => threadIdOf(adapter, to),
    details: async (entry) => {
      const activity = activitySchema.parse(entry.message.raw);
      const { conversation, thread } = placeOf(activity.conversation.id);
      const root = thread === '' ? null : ((await begun?.read(conversation, thread)) ?? null);
      const words = await wordsOf(activity);
      return detailsOf(entry, activity, words, { appId, root, chatName: await names.of(activity) });
    },
    retake: async (raw) => void (await take(activitySchema.parse(raw), LOCAL, {})),
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

/** Where a call came in does not matter once it was believed. */
const LOCAL = 'http://127.0.0.1/';

function packetOf(adapter: BridgedTeamsAdapter, raw: unknown): Packet {
  const { id, timestamp, from, conversation, serviceUrl } = unreadSchema.parse(raw);
  const known = { messageId: id, senderId: from?.id, at: Date.parse(timestamp ?? ''), raw };
  if (!conversation?.id || !serviceUrl) return known;
  const threadId = adapter.encodeThreadId({ conversationId: conversation.id, serviceUrl });
  return { ...known, ...addressOf(adapter, threadId) };
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
  { text, answered, ...words }: TeamsWords,
  { appId, root, chatName }: { appId: string; root: Began | null; chatName: string },
): MessageDetails {
  // The adapter takes them for files.
  message.attachments = message.attachments.filter(({ mimeType = '' }) => !isWords(mimeType));
  const { thread } = placeOf(activity.conversation.id);
  const called = calledIn(activity, appId);
  const under = thread !== '' && thread !== activity.id ? thread : null;
  const known = root && under && root.text !== '' ? { ...root, messageId: under } : null;
  return {
    text,
    ...words,
    ...(called ? { calledAs: called } : {}),
    mentioned:
      message.isMention === true ||
      called !== null ||
      root?.own === true ||
      isBot(answered || (quoteOf(activity)?.senderId ?? ''), appId),
    replyTo: quoteOf(activity)?.messageId ?? words.quoted?.messageId ?? under,
    ...(known
      ? {
          root: async () => ({
            text: known.text,
            from: known.from || 'this bot',
            messageId: known.messageId,
          }),
        }
      : {}),
    ...(chatName ? { chatName } : {}),
  };
}
