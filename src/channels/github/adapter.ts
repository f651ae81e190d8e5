import type { AsyncLocalStorage } from 'node:async_hooks';
import { GitHubAdapter, type GitHubRawMessage } from '@chat-adapter/github';
import {
  type AdapterPostableMessage,
  defaultEmojiResolver,
  type EmojiValue,
  type Logger,
  type RawMessage,
} from 'chat';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import type { DeliverRequest } from '../adapter.js';
import { error } from './errors.js';
import { messageIdOf, parseMessageId } from './ids.js';
import type { Self } from './packets.js';

export interface BridgedGitHubDeps {
  token: string;
  webhookSecret: string;
  apiUrl: string;
  self: Self;
  delivery: AsyncLocalStorage<DeliverRequest>;
  clock: Clock;
  logger: Logger;
  /** Aborted when the channel stops. */
  signal: AbortSignal;
}

const LONGEST_REQUEST_MS = 30_000;

/** What a comment of ours ends with. GitHub does not show it, and finds it again. */
export const keyMark = (key: string) => `\n\n<!-- wharfie:${key} -->`;

/** The eight that GitHub has. */
const REACTIONS = {
  '👍': '+1',
  '👎': '-1',
  '😄': 'laugh',
  '🎉': 'hooray',
  '😕': 'confused',
  '❤': 'heart',
  '🚀': 'rocket',
  '👀': 'eyes',
} as const;

/**
 * The Chat SDK's GitHub adapter with deadlines and a key under what is said, with ids that tell their time, and with
 * reactions to issues themselves. Its own handling of events is not used.
 */
export class BridgedGitHubAdapter extends GitHubAdapter {
  readonly #deps: BridgedGitHubDeps;

  constructor(deps: BridgedGitHubDeps) {
    const { token, webhookSecret, apiUrl, self, logger } = deps;
    super({ token, webhookSecret, apiUrl, logger, botUserId: self.id, userName: self.name });
    this.#deps = deps;
    // It writes each failed request to the terminal.
    const say = (message: string) => logger.debug(message);
    Object.assign(this.octokit.log, { debug: say, info: say, warn: say, error: say });
    this.octokit.hook.wrap('request', (request, options) => {
      const key = deps.delivery.getStore()?.idempotencyKey;
      const says = options.method === 'POST' && typeof options.body === 'string' && key !== undefined;
      return this.#inTime((signal) => {
        // Changed in their place: other hooks hold the same object, and pass nothing else on.
        options.request = { ...options.request, signal };
        if (says) options.body += keyMark(key);
        return request(options);
      });
    });
  }

  override get botUserId(): string {
    return String(this.#deps.self.id);
  }

  #inTime<T>(work: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    const { clock, delivery, signal } = this.#deps;
    const asked = delivery.getStore()?.signal;
    return within(clock, LONGEST_REQUEST_MS, [signal, asked], async (ending) => work(ending));
  }

  override async postMessage(
    threadId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<GitHubRawMessage>> {
    if (hasButtons(message)) {
      throw error('no-buttons', 'GitHub has no buttons.', 'Ask in words.', 'permanent');
    }
    if (typeof message === 'object' && 'files' in message && message.files?.length) {
      const fix = 'Say what it holds, or where it lies.';
      throw error('no-files', 'GitHub takes files from its pages only.', fix, 'permanent');
    }
    const sent = await super.postMessage(threadId, message);
    const { type, comment } = sent.raw;
    return {
      ...sent,
      id: messageIdOf(comment.created_at, type === 'review_comment' ? 'd' : 'c', comment.id),
    };
  }

  override async editMessage(
    threadId: string,
    messageId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<GitHubRawMessage>> {
    const id = parseMessageId(messageId);
    if (id?.kind !== 'c' && id?.kind !== 'd') throw unknownMessage();
    return super.editMessage(threadId, String(id.id), message);
  }

  override async addReaction(threadId: string, messageId: string, emoji: EmojiValue | string): Promise<void> {
    const { owner, repo } = this.decodeThreadId(threadId);
    const content = reactionOf(emoji);
    const { kind, id = 0 } = parseMessageId(messageId) ?? {};
    const { reactions } = this.octokit.rest;
    if (kind === 'c') await reactions.createForIssueComment({ owner, repo, comment_id: id, content });
    else if (kind === 'd') {
      await reactions.createForPullRequestReviewComment({ owner, repo, comment_id: id, content });
    } else if (kind === 'i') await reactions.createForIssue({ owner, repo, issue_number: id, content });
    else throw unknownMessage();
  }
}

const unknownMessage = () =>
  error('unknown-message', 'GitHub has no such comment.', 'Send a new message.', 'permanent');

function reactionOf(emoji: EmojiValue | string) {
  const known = typeof emoji === 'string' ? defaultEmojiResolver.fromGChat(emoji) : emoji;
  const shown = defaultEmojiResolver.toGChat(known).replace(/\uFE0F/g, '');
  const found = Object.entries(REACTIONS).find(([one]) => one === shown)?.[1];
  if (found) return found;
  const fix = `Use one of ${Object.keys(REACTIONS).join(' ')}`;
  throw error('unknown-emoji', 'GitHub does not have this reaction.', fix, 'permanent');
}

function hasButtons(message: AdapterPostableMessage): boolean {
  if (typeof message !== 'object' || !('card' in message)) return false;
  return message.card.children.some(
    (child) => child.type === 'actions' && child.children.some((one) => one.type === 'button'),
  );
}
