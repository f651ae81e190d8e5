import type { Readable } from 'node:stream';
import type { Attachment } from 'chat';
import { z } from 'zod';
import type { Address } from '../../address.js';
import { jsonOf } from '../../json.js';
import { ChannelError } from '../adapter.js';
import { gchatFacts } from '../catalog/gchat.js';
import { normalizePlatformId } from '../catalog/index.js';
import { createSdkLogger } from '../chat-sdk/logger.js';
import type {
  ChatSdkPlatform,
  ConnectContext,
  MessageDetails,
  ResolvedChat,
  ThreadMessage,
  WebhookOptions,
} from '../chat-sdk/platform.js';
import { createAccountTokens, DEFAULT_TOKEN_URL, parseServiceAccount } from './account.js';
import { BridgedGoogleChatAdapter, spaceInfoSchema } from './adapter.js';
import { createCallers, DEFAULT_CERTS_URL } from './callers.js';
import { AUTH_FIX, googleChatError } from './errors.js';
import { isDirect, packetOf, readEvent } from './packets.js';
import { createPointed } from './pointed.js';
import { createGoogleChatRest, DEFAULT_API_URL, type GoogleChatRest } from './rest.js';
import { textOf, wordsSchema } from './words.js';

/** Google Chat, which calls us for what people say to the app, and is called as the app for what goes out. */
export async function connectGoogleChat(context: ConnectContext): Promise<ChatSdkPlatform> {
  const env = context.env();
  const { clock, log, signal, delivery, attempt } = context;
  const account = parseServiceAccount(env.GCHAT_CREDENTIALS ?? '');
  if (!account) {
    const detail = 'GCHAT_CREDENTIALS is no service account key.';
    throw googleChatError('key-unreadable', detail, AUTH_FIX, { errorClass: 'transient' });
  }
  const tokens = createAccountTokens({ account, tokenUrl: env.GCHAT_TOKEN_URL ?? DEFAULT_TOKEN_URL, clock });
  const rest = createGoogleChatRest({
    tokens,
    apiUrl: env.GCHAT_API_URL ?? DEFAULT_API_URL,
    clock,
    onTokenRefused: () =>
      context.disconnected({
        state: 'failed',
        detail: 'Google refused the service account key.',
        fix: AUTH_FIX,
      }),
  });
  const endpointUrl = env.WHARFIE_PUBLIC_URL
    ? `${env.WHARFIE_PUBLIC_URL.replace(/\/+$/, '')}/webhooks/gchat`
    : null;
  const callers = createCallers({
    certsUrl: env.GCHAT_CERTS_URL ?? DEFAULT_CERTS_URL,
    projectNumber: env.GCHAT_PROJECT_NUMBER ?? '',
    endpointUrl,
    clock,
  });
  await tokens.get();
  const adapter = new BridgedGoogleChatAdapter({
    rest,
    account,
    endpointUrl,
    delivery,
    logger: createSdkLogger(log, 'gchat'),
  });

  const pointed = createPointed({ rest, clock, log, signal });

  async function take(json: unknown, url: string, options: WebhookOptions): Promise<Response> {
    const event = readEvent(json);
    const packet = packetOf(event ?? json);
    if (packet) {
      const read = await attempt(packet, () => {
        if (!event) throw new Error('an event of Google Chat was not understood');
        return adapter.parseMessage(event);
      });
      if (!read) return Response.json({});
    }
    if (event) return adapter.take(event, url, options);
    log.warn({}, 'an event of Google Chat was not understood');
    return Response.json({});
  }

  return {
    adapter,
    redelivers: false,
    async webhook(request, options) {
      if (!(await callers.accepts(request.headers.get('authorization')))) {
        log.warn({}, 'a call was not from Google Chat, or about an app of another project');
        return new Response(null, { status: 401 });
      }
      return take(jsonOf(await request.text()), request.url, options);
    },
    retake: async (raw) => void (await take(raw, LOCAL, {})),
    addressOf: (threadId) => addressOf(adapter, threadId),
    threadIdOf,
    details: (entry) => detailsOf(entry, pointed),
    clickId: clickIdOf,
    openAttachment: (attachment) => openAttachment(rest, attachment, signal),
    resolveChat: (platformId) => resolveChat(rest, platformId),
  };
}

/** Where a call came in does not matter once it was believed. */
const LOCAL = 'http://127.0.0.1/';
const THREAD = /^spaces\/[\w-]+\/threads\/([\w-]+)$/;

/** A thread is stored by its bare id. */
function addressOf(adapter: BridgedGoogleChatAdapter, threadId: string): Omit<Address, 'channelType'> {
  const { spaceName, threadName } = adapter.decodeThreadId(threadId);
  return { platformId: `gchat:${spaceName}`, threadId: THREAD.exec(threadName ?? '')?.[1] ?? '' };
}

function threadIdOf({ platformId, threadId }: Address): string {
  if (threadId === '') return platformId;
  const name = `${platformId.slice('gchat:'.length)}/threads/${threadId}`;
  return `${platformId}:${Buffer.from(name).toString('base64url')}`;
}

/** An app hears in a group only what is said to it. */
async function detailsOf(
  { message }: ThreadMessage,
  pointed: ReturnType<typeof createPointed>,
): Promise<MessageDetails> {
  const { messagePayload } = rawMessageSchema.parse(message.raw).chat;
  const { space, message: said } = messagePayload;
  const { sender, thread } = said;
  pointed.met(sender.name, sender.displayName);
  const chatName = space.displayName || sender.displayName;
  const words = said.argumentText?.trim();
  const called = words !== undefined && said.text.trim().endsWith(words);
  const calledAs = called
    ? said.text
        .trim()
        .slice(0, -words.length || undefined)
        .trim()
    : '';
  // In a thread its first message has the thread's id as its own.
  const begins =
    thread?.name === undefined || said.name.endsWith(`/${idOf(thread.name)}.${idOf(thread.name)}`);
  return {
    ...{ text: textOf(wordsSchema.parse(said)), mentioned: !isDirect(space) },
    placeholder: '[a message without words]',
    ...(await pointed.of(said, space.name)),
    ...(begins ? {} : { root: () => pointed.rootOf(space.name, thread.name) }),
    ...(calledAs.startsWith('@') ? { calledAs } : {}),
    ...(chatName ? { chatName } : {}),
  };
}

const idOf = (name: string) => name.slice(name.lastIndexOf('/') + 1);

const rawMessageSchema = z.object({
  chat: z.object({
    messagePayload: z.object({
      space: z.looseObject({ name: z.string(), displayName: z.string().optional() }),
      message: z.looseObject({
        name: z.string(),
        text: z.string(),
        /** Without the names of apps. */
        argumentText: z.string().optional(),
        sender: z.object({ name: z.string(), displayName: z.string().optional() }),
        thread: z
          .object({ name: z.string().regex(THREAD) })
          .optional()
          .catch(undefined),
      }),
    }),
  }),
});

const rawClickSchema = z.object({
  chat: z.object({
    eventTime: z.string(),
    user: z.object({ name: z.string() }).optional(),
    buttonClickedPayload: z.object({ message: z.object({ name: z.string() }) }),
  }),
});

function clickIdOf(raw: unknown): string | null {
  const click = rawClickSchema.safeParse(raw).data?.chat;
  return click
    ? `${click.buttonClickedPayload.message.name}:${click.user?.name ?? ''}:${click.eventTime}`
    : null;
}

async function openAttachment(
  rest: GoogleChatRest,
  attachment: Attachment,
  signal: AbortSignal,
): Promise<Readable> {
  const name = attachment.fetchMetadata?.resourceName;
  if (!name) throw new Error('it lies in Google Drive, which the app cannot read');
  return rest.download(name, signal);
}

async function resolveChat(rest: GoogleChatRest, given: string): Promise<ResolvedChat | null> {
  const platformId = normalizePlatformId(gchatFacts.type, given);
  try {
    const path = platformId.slice('gchat:'.length);
    const { displayName, spaceType } = await rest.call({ method: 'GET', path }, spaceInfoSchema);
    return { platformId, name: displayName || platformId, isGroup: spaceType !== 'DIRECT_MESSAGE' };
  } catch (error) {
    if (error instanceof ChannelError && error.errorClass === 'permanent') return null;
    throw error;
  }
}
