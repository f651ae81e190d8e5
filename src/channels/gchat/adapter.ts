import type { AsyncLocalStorage } from 'node:async_hooks';
import { cardToGoogleCard, GoogleChatAdapter } from '@chat-adapter/gchat';
import type {
  AdapterPostableMessage,
  CardElement,
  ChannelInfo,
  Logger,
  RawMessage,
  WebhookOptions,
} from 'chat';
import { z } from 'zod';
import type { DeliverRequest } from '../adapter.js';
import type { ServiceAccount } from './account.js';
import { googleChatError } from './errors.js';
import { renderGoogleChatText, withoutMentions } from './markdown.js';
import { type GoogleChatEvent, isDirect, isThreaded } from './packets.js';
import type { GoogleChatRest } from './rest.js';

export interface BridgedGoogleChatDeps {
  rest: GoogleChatRest;
  account: ServiceAccount;
  /** Where a click on a button is sent, for add-ons; null: where all events of the app go. */
  endpointUrl: string | null;
  delivery: AsyncLocalStorage<DeliverRequest>;
  logger: Logger;
}

const sentSchema = z.object({ name: z.string() });
export const spaceInfoSchema = z.object({
  displayName: z.string().optional(),
  spaceType: z.string().optional(),
});

/**
 * The Chat SDK's adapter for Google Chat, with our transport beneath what is said: deadlines, typed errors, and a key
 * by which Google knows what it has been told already. What it is given to read was verified before.
 */
export class BridgedGoogleChatAdapter extends GoogleChatAdapter {
  readonly #deps: BridgedGoogleChatDeps;
  /** An event tells whether its space is a direct message; an id does not. */
  readonly #direct = new Set<string>();

  constructor(deps: BridgedGoogleChatDeps) {
    // `take` alone leads in, with what our own look at the caller let pass.
    super({ credentials: deps.account, logger: deps.logger, disableSignatureVerification: true });
    this.#deps = deps;
  }

  override async handleWebhook(): Promise<Response> {
    return new Response(null, { status: 401 });
  }

  /** Hands on an event of a caller that was verified. */
  take(event: GoogleChatEvent, url: string, options: WebhookOptions): Promise<Response> {
    const { messagePayload, buttonClickedPayload } = event.chat;
    const payload = messagePayload ?? buttonClickedPayload;
    if (payload && isDirect(payload.space)) this.#direct.add(payload.space.name);
    // The adapter takes the message itself for a thread where none is named.
    if (payload && !isThreaded(payload.space)) delete payload.message.thread;
    return super.handleWebhook(new Request(url, { method: 'POST', body: JSON.stringify(event) }), options);
  }

  override isDM(threadId: string): boolean {
    return super.isDM(threadId) || this.#direct.has(this.decodeThreadId(threadId).spaceName);
  }

  override async postMessage(
    threadId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<unknown>> {
    const { spaceName, threadName } = this.decodeThreadId(threadId);
    const request = this.#deps.delivery.getStore();
    const body = { ...this.#bodyOf(message), ...(threadName ? { thread: { name: threadName } } : {}) };
    const sent = await this.#deps.rest.call(
      {
        method: 'POST',
        path: `${spaceName}/messages`,
        query: {
          requestId: request?.idempotencyKey,
          messageReplyOption: threadName ? 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD' : undefined,
        },
        body,
        signal: request?.signal,
      },
      sentSchema,
    );
    return { id: sent.name, threadId, raw: sent };
  }

  #bodyOf(message: AdapterPostableMessage): object {
    if (typeof message === 'object' && 'card' in message) {
      return {
        cardsV2: [this.#card(message.card)],
        fallbackText: withoutMentions(message.fallbackText ?? ''),
      };
    }
    return { text: textOf(message) };
  }

  #card(card: CardElement): unknown {
    const { endpointUrl, delivery } = this.#deps;
    const cardId = delivery.getStore()?.idempotencyKey ?? 'card';
    return silent(cardToGoogleCard(card, { cardId, ...(endpointUrl ? { endpointUrl } : {}) }));
  }

  override async editMessage(
    threadId: string,
    messageId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<unknown>> {
    const body = { text: textOf(message) };
    const signal = this.#deps.delivery.getStore()?.signal;
    const query = { updateMask: 'text' };
    const path = this.#messagePath(threadId, messageId);
    await this.#deps.rest.call({ method: 'PATCH', path, query, body, signal }, sentSchema);
    return { id: messageId, threadId, raw: body };
  }

  /** A message's name says by itself where it is: it must be in the chat that is meant. */
  #messagePath(threadId: string, messageId: string): string {
    const { spaceName } = this.decodeThreadId(threadId);
    if (messageId.startsWith(`${spaceName}/messages/`) && /^[\w./-]+$/.test(messageId)) return messageId;
    throw googleChatError('not-found', 'That message is not in this chat.', 'Send a new message.', {
      errorClass: 'permanent',
    });
  }

  override async fetchChannelInfo(channelId: string): Promise<ChannelInfo> {
    const { spaceName } = this.decodeThreadId(channelId);
    const space = await this.#deps.rest.call({ method: 'GET', path: spaceName }, spaceInfoSchema);
    const name = space.displayName ? { name: space.displayName } : {};
    return { id: channelId, ...name, isDM: space.spaceType === 'DIRECT_MESSAGE', metadata: {} };
  }
}

function textOf(message: AdapterPostableMessage): string {
  if (typeof message !== 'object' || !('markdown' in message || 'raw' in message)) {
    throw new Error('only texts and cards are sent to Google Chat');
  }
  if (message.files && message.files.length > 0) {
    throw googleChatError(
      'no-files',
      'Google Chat takes no files from an app.',
      'Say what is in the file as text.',
      { errorClass: 'permanent' },
    );
  }
  return 'raw' in message ? withoutMentions(message.raw) : renderGoogleChatText(message.markdown);
}

/** A card in whose texts nobody is called. */
function silent(value: unknown): unknown {
  if (typeof value === 'string') return withoutMentions(value);
  if (Array.isArray(value)) return value.map(silent);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, silent(inner)]));
}
