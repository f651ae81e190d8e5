import type { AsyncLocalStorage } from 'node:async_hooks';
import { cardToAdaptiveCard, TeamsAdapter } from '@chat-adapter/teams';
import type {
  AdapterPostableMessage,
  ChannelInfo,
  ChatInstance,
  EmojiValue,
  Logger,
  RawMessage,
  WebhookOptions,
} from 'chat';
import { z } from 'zod';
import type { DeliverRequest } from '../adapter.js';
import { withoutImages } from '../images/index.js';
import { emojiOf, reactionTypeOf } from './emoji.js';
import { teamsError } from './errors.js';
import { attachmentsOf } from './files.js';
import { isBot, placeOf, type TeamsActivity } from './packets.js';
import type { TeamsRest } from './rest.js';

export interface BridgedTeamsDeps {
  rest: TeamsRest;
  /** Where a conversation is now that is known by this address. */
  current(conversation: string, serviceUrl: string): Promise<string>;
  /** Told of a message that a thread can begin with. */
  began(conversation: string, messageId: string, text: string): Promise<void>;
  appId: string;
  delivery: AsyncLocalStorage<DeliverRequest>;
  logger: Logger;
}

const sentSchema = z.object({ id: z.string() });
const doneSchema = z.unknown();

/**
 * The Chat SDK's adapter for Teams, with our transport beneath what is said: deadlines, typed errors, and a token
 * that goes to Microsoft only. What it is given to read was verified before.
 */
export class BridgedTeamsAdapter extends TeamsAdapter {
  readonly #deps: BridgedTeamsDeps;
  /** Requests that `take` made of a verified one: no others are let in. */
  readonly #verified: WeakSet<Request>;

  constructor(deps: BridgedTeamsDeps) {
    const verified = new WeakSet<Request>();
    super({
      appId: deps.appId,
      logger: deps.logger,
      // Nothing goes out by its own client.
      token: () => '',
      webhookVerifier: (request) => verified.has(request),
    });
    this.#deps = deps;
    this.#verified = verified;
  }

  override get botUserId(): string {
    return `28:${this.#deps.appId}`;
  }

  /** Hands on an activity of a caller that was verified. */
  take(activity: TeamsActivity, url: string, options: WebhookOptions): Promise<Response> {
    const request = new Request(url, { method: 'POST', body: JSON.stringify(activity) });
    this.#verified.add(request);
    return this.handleWebhook(request, options);
  }

  /** The adapter would take a reaction for one to the message that began the thread. */
  async react(activity: TeamsActivity, chat: ChatInstance): Promise<void> {
    const { from, conversation, serviceUrl, replyToId, reactionsAdded } = activity;
    const { thread } = placeOf(conversation.id);
    const name = from.name ?? from.id;
    const user = {
      userId: from.id,
      userName: name,
      fullName: name,
      isBot: false,
      isMe: isBot(from.id, this.#deps.appId),
    };
    const threadId = this.encodeThreadId({ conversationId: conversation.id, serviceUrl });
    for (const { type } of reactionsAdded ?? []) {
      const { emoji, shown } = emojiOf(type);
      const event = { adapter: this, threadId, messageId: replyToId ?? thread, user, raw: activity };
      await chat.processReaction({ ...event, emoji, rawEmoji: shown, added: true });
    }
  }

  override async postMessage(
    threadId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<unknown>> {
    return this.#say(threadId, await bodyOf(message));
  }

  /** Where messages stand in threads an answer needs no quotation, nor does it where only two speak. */
  async reply(
    threadId: string,
    messageId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<unknown>> {
    const { conversationId } = this.decodeThreadId(threadId);
    const body = await bodyOf(message);
    const quotes = !this.isDM(threadId) && placeOf(conversationId).thread === '' && /^\d+$/.test(messageId);
    if (!quotes) return this.#say(threadId, body);
    const text = `<quoted messageId="${messageId}"/> ${body.text ?? ''}`;
    const entities = [{ type: 'quotedReply', quotedReply: { messageId } }];
    return this.#say(threadId, { ...body, text, entities });
  }

  async #say(threadId: string, body: Body): Promise<RawMessage<unknown>> {
    const { id } = await this.#deps.rest.call(
      { ...(await this.#at(threadId, 'activities')), method: 'POST', body: this.#activity(threadId, body) },
      sentSchema,
    );
    const { conversation, thread } = placeOf(this.decodeThreadId(threadId).conversationId);
    // What was said is said, whether it is remembered or not.
    if (thread === '' && !this.isDM(threadId)) {
      await this.#deps.began(conversation, id, body.text ?? '').catch(() => {});
    }
    return { id, threadId, raw: body };
  }

  async #at(threadId: string, rest: string) {
    const place = this.decodeThreadId(threadId);
    const { conversation } = placeOf(place.conversationId);
    const serviceUrl = await this.#deps.current(conversation, place.serviceUrl);
    const path = `conversations/${encodeURIComponent(place.conversationId)}/${rest}`;
    return { serviceUrl, path, signal: this.#deps.delivery.getStore()?.signal };
  }

  #activity(threadId: string, body: Body | { type: 'typing' }) {
    const { conversationId } = this.decodeThreadId(threadId);
    const from = { id: `28:${this.#deps.appId}` };
    return { type: 'message', ...body, from, conversation: { id: conversationId } };
  }

  override async editMessage(
    threadId: string,
    messageId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<unknown>> {
    const body = await bodyOf(message);
    const activity = { ...this.#activity(threadId, body), id: messageId };
    const at = await this.#at(threadId, `activities/${encodeURIComponent(messageId)}`);
    await this.#deps.rest.call({ ...at, method: 'PUT', body: activity }, doneSchema);
    return { id: messageId, threadId, raw: body };
  }

  override async addReaction(threadId: string, messageId: string, emoji: EmojiValue | string): Promise<void> {
    const type = reactionTypeOf(typeof emoji === 'string' ? emoji : emoji.name);
    if (type === null) {
      throw teamsError('unknown-emoji', 'Teams has no such reaction.', 'Use its name, such as :thumbs_up:.', {
        errorClass: 'permanent',
      });
    }
    const at = await this.#at(threadId, `activities/${encodeURIComponent(messageId)}/reactions/${type}`);
    await this.#deps.rest.call({ ...at, method: 'PUT' }, doneSchema);
  }

  override async startTyping(threadId: string): Promise<void> {
    const body = this.#activity(threadId, { type: 'typing' });
    await this.#deps.rest.call(
      { ...(await this.#at(threadId, 'activities')), method: 'POST', body },
      doneSchema,
    );
  }

  /** Names come with the messages; Microsoft Graph, which knows more, needs the consent of an administrator. */
  override async fetchChannelInfo(channelId: string): Promise<ChannelInfo> {
    return { id: channelId, isDM: this.isDM(channelId), metadata: {} };
  }
}

interface Body {
  text?: string;
  textFormat?: 'markdown' | 'plain';
  attachments?: object[];
  entities?: object[];
}

async function bodyOf(message: AdapterPostableMessage): Promise<Body> {
  if (typeof message === 'object' && 'card' in message) {
    const contentType = 'application/vnd.microsoft.card.adaptive';
    return { attachments: [{ contentType, content: cardToAdaptiveCard(message.card) }] };
  }
  if (typeof message !== 'object' || !('markdown' in message || 'raw' in message)) {
    throw new Error('only texts and cards are sent to Teams');
  }
  const attachments = await attachmentsOf(message.files ?? []);
  const text = 'raw' in message ? message.raw : withoutImages(message.markdown, { strict: true });
  const textFormat = 'raw' in message ? 'plain' : 'markdown';
  return { text, textFormat, ...(attachments.length > 0 ? { attachments } : {}) };
}
