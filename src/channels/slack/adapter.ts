import type { AsyncLocalStorage } from 'node:async_hooks';
import { cardToBlockKit, SlackAdapter, type SlackBlock, type SlackEvent } from '@chat-adapter/slack';
import {
  type AdapterPostableMessage,
  type CardElement,
  defaultEmojiResolver,
  type EmojiValue,
  type FileUpload,
  type Logger,
  type Message,
  type RawMessage,
} from 'chat';
import { z } from 'zod';
import { codeOf } from '../../errors.js';
import type { DeliverRequest } from '../adapter.js';
import { createProgress } from '../chat-sdk/progress.js';
import { isHandedOver, shareFiles } from './files.js';
import { isOvertokened } from './incoming.js';
import { escapeSlackText, renderSlackMarkdown } from './markdown.js';
import type { Fields, SlackRest } from './rest.js';

export interface BridgedSlackDeps {
  rest: SlackRest;
  token: string;
  apiUrl: string;
  self: { userId: string; botId: string | null; name: string };
  delivery: AsyncLocalStorage<DeliverRequest>;
  logger: Logger;
}

type Text = { raw: string } | { markdown: string };

const sentSchema = z.object({ ts: z.string() });
const doneSchema = z.object({});
/** A comment of a file is Slack's old markup, which is cut where it is long. */
const LONGEST_COMMENT = 3000;
const MOST_RENAMED = 1000;
/** Slack opens links by itself to show what is there (docs.slack.dev/messaging/unfurling-links-in-messages). */
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false };
/** What Slack may take for a link. With a file there is no way to have it left closed: such a text goes by itself. */
const LINKED = /[^\s.]\.[^\s.]|:\/\//;

/**
 * The Chat SDK's Slack adapter with our transport beneath what is said: deadlines, typed errors, a key by which a
 * message is found again, and files and their text as one message. Look-ups of names stay with its own client.
 */
export class BridgedSlackAdapter extends SlackAdapter {
  readonly #deps: BridgedSlackDeps;
  readonly #progress = createProgress<string>();
  readonly #renamed = new Map<string, string>();

  constructor(deps: BridgedSlackDeps) {
    super({
      botToken: deps.token,
      apiUrl: deps.apiUrl,
      botUserId: deps.self.userId,
      userName: deps.self.name,
      logger: deps.logger,
      // Events come by our socket or by our webhook handler: it is never handed a request, and would take none.
      mode: 'webhook',
      webhookVerifier: () => false,
      // Its default tries again for half an hour.
      webClientOptions: { retryConfig: { retries: 0 }, timeout: 10_000, rejectRateLimitedCalls: true },
    });
    this.#deps = deps;
    this._botId = deps.self.botId;
  }

  override get botUserId(): string {
    return this.#deps.self.userId;
  }

  /** Files that Slack does not hand over with the message are none that can be opened. */
  override parseMessage(raw: SlackEvent): Message<unknown> {
    const files = raw.files?.filter((file) => isHandedOver(file));
    return Object.assign(super.parseMessage(files ? { ...raw, files } : raw), { raw });
  }

  /** Where too much looks like a mention, only the plain form of one is. */
  protected override detectSelfMention(...asked: Parameters<SlackAdapter['detectSelfMention']>) {
    const [event, text] = asked;
    if (!isOvertokened(text, JSON.stringify(event.blocks ?? ''))) return super.detectSelfMention(...asked);
    return event.type === 'app_mention' || text.includes(`<@${this.botUserId}>`);
  }

  /** The name of a person as the workspace shows it; null where Slack does not tell. */
  async personOf(userId: string): Promise<{ name: string; isBot: boolean } | null> {
    const user = await this.lookupUser(userId);
    return user && { name: user.displayName, isBot: user.isBot ?? false };
  }

  /** Null: Slack does not tell, or the bot is not in it. */
  async channelOf(channelId: string): Promise<string | null> {
    const name = this.#renamed.get(channelId) ?? (await this.lookupChannel(channelId));
    return name === channelId ? null : name;
  }

  /** The name that a channel got since the start: others are remembered for days. */
  newNameOf(channelId: string): string | undefined {
    return this.#renamed.get(channelId);
  }

  async rename(channelId: string, name: string): Promise<void> {
    this.#renamed.delete(channelId);
    this.#renamed.set(channelId, name);
    for (const oldest of this.#renamed.keys()) {
      if (this.#renamed.size <= MOST_RENAMED) break;
      this.#renamed.delete(oldest);
    }
    await this.chat?.getState().delete(`slack:channel:${channelId}`);
  }

  /** A bot of the Web API cannot show that it types. */
  override async startTyping(): Promise<void> {}

  override async postMessage(
    threadId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<unknown>> {
    const { channel, threadTs } = this.decodeThreadId(threadId);
    const place = { channel, thread_ts: threadTs || undefined };
    const sent = (ts: string) => ({ id: ts, threadId, raw: { ts } });
    if (typeof message === 'object' && 'card' in message) {
      const said = { text: escapeSlackText(message.fallbackText ?? ''), blocks: blocksOf(message.card) };
      return sent(await this.#post({ ...place, ...said }));
    }
    if (typeof message !== 'object' || !('markdown' in message || 'raw' in message)) {
      throw new Error('only texts and cards are sent to Slack');
    }
    const files = message.files ?? [];
    if (files.length === 0)
      return sent(await this.#post({ ...place, ...(await this.#payload(message, threadId)) }));
    return sent(await this.#share(place, message, files, threadId));
  }

  async #post(fields: Fields): Promise<string> {
    const request = this.#deps.delivery.getStore();
    const key = request?.idempotencyKey;
    const metadata = key && { event_type: 'wharfie_message', event_payload: { key } };
    const all = { ...fields, ...NO_PREVIEWS, ...(metadata ? { metadata } : {}) };
    return (await this.#deps.rest.call('chat.postMessage', sentSchema, all, request?.signal)).ts;
  }

  async #share(place: Fields, message: Text, files: FileUpload[], threadId: string): Promise<string> {
    const comment =
      'raw' in message ? escapeSlackText(message.raw) : this.formatConverter.toResponseUrlText(message);
    const { signal, idempotencyKey: key } = this.#deps.delivery.getStore() ?? {};
    // Files that went without their text keep it so, also where the plain text would have been short enough.
    const fits =
      comment.length <= LONGEST_COMMENT && !LINKED.test(comment) && !this.#progress.has(key, 'bare');
    const share = (said: string) => shareFiles(this.#deps.rest, { place, comment: said, files, signal });
    if (fits) return share(comment);
    await this.#progress.step(key, 'bare', () => share(''));
    // Behind the files, because these are refused more often: then nothing has been said yet.
    const ts = await this.#post({ ...place, ...(await this.#payload(message, threadId)) });
    this.#progress.forget(key);
    return ts;
  }

  /** `markdown_text` is read by Slack itself; plain text is escaped. */
  async #payload(message: Text, threadId: string): Promise<Fields> {
    if ('raw' in message) return { text: escapeSlackText(message.raw), mrkdwn: false };
    const text = renderSlackMarkdown(message.markdown);
    return { markdown_text: await this.resolveOutgoingMentions(text, threadId) };
  }

  override async editMessage(
    threadId: string,
    messageId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<unknown>> {
    if (typeof message !== 'object' || !('markdown' in message || 'raw' in message)) {
      return super.editMessage(threadId, messageId, message);
    }
    const { channel } = this.decodeThreadId(threadId);
    // Its documentation does not name these two for this method; nothing else keeps a new link closed.
    const fields = { channel, ts: messageId, ...(await this.#payload(message, threadId)), ...NO_PREVIEWS };
    await this.#deps.rest.call('chat.update', doneSchema, fields, this.#deps.delivery.getStore()?.signal);
    return { id: messageId, threadId, raw: fields };
  }

  override async addReaction(threadId: string, messageId: string, emoji: EmojiValue | string): Promise<void> {
    const { channel } = this.decodeThreadId(threadId);
    const known = typeof emoji === 'string' ? defaultEmojiResolver.fromGChat(emoji) : emoji;
    const fields = { channel, timestamp: messageId, name: defaultEmojiResolver.toSlack(known) };
    try {
      await this.#deps.rest.call('reactions.add', doneSchema, fields, this.#deps.delivery.getStore()?.signal);
    } catch (error) {
      if (codeOf(error) !== 'slack-already-reacted') throw error;
    }
  }
}

const LONGEST_LABEL = 75;
/** What is put behind a button's id, which must be the only one of its name in a message. */
const NUMBER = /#\d+$/;
export const actionOf = (actionId: string) => actionId.replace(NUMBER, '');

const buttonSchema = z.looseObject({
  type: z.literal('button'),
  action_id: z.string(),
  text: z.looseObject({ text: z.string() }),
});

/** Blocks as Slack takes them: the buttons of a question have ids of their own, and labels of at most 75 characters. */
function blocksOf(card: CardElement): SlackBlock[] {
  let count = 0;
  return cardToBlockKit(card).map((block) => {
    if (!Array.isArray(block.elements)) return block;
    const elements = block.elements.map((element: unknown) => {
      const button = buttonSchema.safeParse(element).data;
      if (!button) return element;
      count += 1;
      const text = { ...button.text, text: [...button.text.text].slice(0, LONGEST_LABEL).join('') };
      return { ...button, action_id: `${button.action_id}#${count}`, text };
    });
    return { ...block, elements };
  });
}
