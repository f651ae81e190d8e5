import type { AsyncLocalStorage } from 'node:async_hooks';
import { LinearAdapter, type LinearRawMessage, type LinearThreadId } from '@chat-adapter/linear';
import type { AdapterPostableMessage, EmojiValue, Logger, RawMessage } from 'chat';
import { defaultEmojiResolver } from 'chat';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { ChannelError, type DeliverRequest } from '../adapter.js';
import { withoutImages } from '../images/index.js';
import type { LinearApi } from './api.js';
import { commentIdOf } from './comment-ids.js';
import { error } from './errors.js';
import { uploadFile } from './files.js';
import { issueIdOf, type Self } from './packets.js';

export interface BridgedLinearDeps {
  api: LinearApi;
  clock: Clock;
  webhookSecret: string;
  self: Self;
  delivery: AsyncLocalStorage<DeliverRequest>;
  logger: Logger;
}

const CREATE =
  'mutation Say($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id } } }';
const UPDATE =
  'mutation Edit($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success } }';
const REACT = 'mutation React($input: ReactionCreateInput!) { reactionCreate(input: $input) { success } }';
const COMMENT = 'query Comment($id: String!) { comment(id: $id) { id user { id } parent { id } } }';

const createdSchema = z.object({ commentCreate: z.object({ comment: z.object({ id: z.string() }) }) });
const doneSchema = z.object({});
const foundSchema = z.object({
  comment: z.object({
    id: z.string(),
    user: z.object({ id: z.string() }).nullish(),
    parent: z.object({ id: z.string() }).nullish(),
  }),
});

/**
 * The Chat SDK's Linear adapter with teams as channels and issues as threads, and our transport beneath it:
 * deadlines, typed errors, and an id that is ours for each comment.
 */
export class BridgedLinearAdapter extends LinearAdapter {
  readonly #deps: BridgedLinearDeps;

  constructor(deps: BridgedLinearDeps) {
    // Its own client is never asked: there is no key in it.
    super({
      apiKey: 'unused',
      webhookSecret: deps.webhookSecret,
      logger: deps.logger,
      userName: deps.self.displayName,
    });
    this.#deps = deps;
  }

  /** It would ask who it is; that is known. */
  override async initialize(): Promise<void> {}

  override get botUserId(): string {
    return this.#deps.self.id;
  }

  override encodeThreadId({ issueId }: LinearThreadId): string {
    return `linear:${issueId.split('-')[0]}:${issueId}`;
  }

  override decodeThreadId(threadId: string): LinearThreadId {
    return { issueId: threadId.split(':')[2] ?? '' };
  }

  override channelIdFromThreadId(threadId: string): string {
    return threadId.split(':').slice(0, 2).join(':');
  }

  override async startTyping(): Promise<void> {}

  override async postMessage(
    threadId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<LinearRawMessage>> {
    return this.#say(threadId, message, null);
  }

  /** A comment stands in the thread of the one that it answers; what an issue itself says has none. */
  async reply(
    threadId: string,
    messageId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<LinearRawMessage>> {
    if (issueIdOf(messageId) !== null) return this.#say(threadId, message, null);
    const found = await this.comment(messageId);
    return this.#say(threadId, message, found ? (found.parent?.id ?? found.id) : null);
  }

  /** Null where there is no such comment. */
  async comment(id: string): Promise<z.infer<typeof foundSchema>['comment'] | null> {
    try {
      return (await this.#call(COMMENT, { id }, foundSchema)).comment;
    } catch (thrown) {
      if (thrown instanceof ChannelError && thrown.errorClass === 'permanent') return null;
      throw thrown;
    }
  }

  #call<T>(document: string, variables: object, schema: z.ZodType<T>): Promise<T> {
    return this.#deps.api.call(document, variables, schema, this.#deps.delivery.getStore()?.signal);
  }

  async #say(
    threadId: string,
    message: AdapterPostableMessage,
    parentId: string | null,
  ): Promise<RawMessage<LinearRawMessage>> {
    const { issueId } = this.decodeThreadId(threadId);
    const key = this.#deps.delivery.getStore()?.idempotencyKey;
    const own = key === undefined ? {} : { id: commentIdOf(key) };
    const body = await this.#bodyOf(message);
    const input = { ...own, issueId, body, ...(parentId ? { parentId } : {}) };
    const id = await this.#create(input);
    return { id, threadId, raw: this.#rawOf(id, issueId, body) };
  }

  async #create(input: { id?: string }): Promise<string> {
    try {
      return (await this.#call(CREATE, { input }, createdSchema)).commentCreate.comment.id;
    } catch (thrown) {
      const refused = thrown instanceof ChannelError && thrown.errorClass === 'permanent';
      // Refused, perhaps because it stands there already from an attempt without an answer.
      if (refused && input.id && (await this.comment(input.id))?.user?.id === this.#deps.self.id)
        return input.id;
      throw thrown;
    }
  }

  override async editMessage(
    threadId: string,
    messageId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<LinearRawMessage>> {
    const body = await this.#bodyOf(message);
    await this.#call(UPDATE, { id: messageId, input: { body } }, doneSchema);
    return {
      id: messageId,
      threadId,
      raw: this.#rawOf(messageId, this.decodeThreadId(threadId).issueId, body),
    };
  }

  override async addReaction(_: string, messageId: string, emoji: EmojiValue | string): Promise<void> {
    const known = typeof emoji === 'string' ? defaultEmojiResolver.fromGChat(emoji) : emoji;
    const issueId = issueIdOf(messageId);
    const target = issueId === null ? { commentId: messageId } : { issueId };
    const input = { ...target, emoji: defaultEmojiResolver.toGChat(known) };
    await this.#call(REACT, { input }, doneSchema);
  }

  async #bodyOf(message: AdapterPostableMessage): Promise<string> {
    if (typeof message === 'object' && 'card' in message) {
      const asks = message.card.children.some(
        (child) => child.type === 'actions' && child.children.some((one) => one.type === 'button'),
      );
      if (asks) throw error('no-buttons', 'Linear has no buttons.', 'Ask in words.', 'permanent');
      return withoutImages(this.formatConverter.renderPostable({ card: message.card }), { strict: true });
    }
    if (typeof message !== 'object' || !('raw' in message))
      return withoutImages(this.formatConverter.renderPostable(message), { strict: true });
    const { api, clock, delivery } = this.#deps;
    const shown: string[] = [];
    for (const file of message.files ?? []) {
      shown.push(await uploadFile({ api, clock }, file, delivery.getStore()?.signal));
    }
    return [withoutImages(message.raw, { strict: true }), ...shown].filter(Boolean).join('\n\n');
  }

  #rawOf(id: string, issueId: string, body: string): LinearRawMessage {
    const { name: fullName, displayName, id: userId } = this.#deps.self;
    const user = {
      type: 'bot' as const,
      id: userId,
      fullName,
      displayName,
      email: undefined,
      avatarUrl: undefined,
    };
    const at = new Date(0).toISOString();
    const comment = {
      id,
      body,
      issueId,
      user,
      createdAt: at,
      updatedAt: at,
      parentId: undefined,
      url: undefined,
    };
    return { kind: 'comment', organizationId: '', comment };
  }
}
