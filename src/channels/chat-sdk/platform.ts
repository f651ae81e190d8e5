import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Readable } from 'node:stream';
import type {
  Adapter,
  AdapterPostableMessage,
  Attachment,
  ChatInstance,
  Message,
  WebhookOptions,
} from 'chat';
import type { Address } from '../../db/types.js';
import type { ChannelAdapter, ChannelError, ChannelHealth, DeliverRequest } from '../adapter.js';
import type { ChannelDeps } from '../module.js';

/** A thread of the Chat SDK and a message in it. */
export interface ThreadMessage {
  threadId: string;
  message: Message;
}

/** What the Chat SDK's own fields do not tell, or tell worse than the platform's raw message. */
export interface MessageDetails {
  text?: string;
  senderName?: string;
  isBot?: boolean;
  chatName?: string;
  mentioned?: boolean;
  calledAs?: string;
  replyTo?: string | null;
}

/** What the bridge gives a channel while it is connected. */
export interface ConnectContext extends ChannelDeps {
  /** The request that is being delivered, for whatever the adapter does on its behalf: its key and its deadline. */
  readonly delivery: AsyncLocalStorage<DeliverRequest>;
  /** Aborted at `stop`. */
  readonly signal: AbortSignal;
  /**
   * The connection stands. With `gap` events may have been missed: the history of the wired chats is read. To be
   * called before the first event of that connection is handed on.
   */
  connected(gap: boolean): void;
  /** The connection does not stand. `failed`: it will not come back by itself, the channel is started anew. */
  disconnected(health: Exclude<ChannelHealth, { state: 'connected' }>): void;
}

export type { WebhookOptions } from 'chat';

/**
 * Answers a request of the platform, after it has verified that the platform sent it: 401 where it did not. All
 * events in it are handed on before it resolves, or to `waitUntil`.
 */
export type WebhookHandler = (request: Request, options: WebhookOptions) => Promise<Response>;

/** The message after which a history is to be read is not there any more. */
export class HistoryStartGone extends Error {}

/**
 * What one channel adds to the bridge. Only `adapter` and `redelivers` are needed; every other member replaces
 * something that the bridge does in the Chat SDK's common way.
 */
export interface ChatSdkPlatform {
  readonly adapter: Adapter;
  /** The platform (or its adapter) sends an event again when its handler rejects. If not, the bridge tries again. */
  readonly redelivers: boolean;
  /**
   * Events come as requests to `/webhooks/<type>`, and are answered with success once they are durable. `true`: the
   * adapter's own `handleWebhook` verifies and takes them.
   */
  readonly webhook?: true | WebhookHandler;
  /** Connects, after the adapter was initialised; rejects when it cannot. Default: connected once initialised. */
  open?(chat: ChatInstance): Promise<void>;
  close?(): Promise<void>;
  /** Default: the adapter's channel id, and what follows it in the thread id. */
  addressOf?(threadId: string, message: Message | null): Omit<Address, 'channelType'>;
  /** Default: platform id and thread id joined by a colon. */
  threadIdOf?(to: Address): string;
  details?(entry: ThreadMessage): Promise<MessageDetails>;
  /** An id of a click that is the same when it is delivered again. */
  clickId?(raw: unknown): string | null;
  openAttachment?(attachment: Attachment): Promise<Readable>;
  /** What the adapter is given for a Markdown text. Default: `{markdown}`. */
  postable?(markdown: string): Extract<AdapterPostableMessage, { raw: string } | { markdown: string }>;
  /** What an error of the adapter means; null: the bridge judges it. */
  classify?(error: unknown): ChannelError | null;
  /**
   * Messages after the cursor, oldest first, of the chat and its threads. Rejects with a HistoryStartGone where ids do
   * not tell their time and the message was deleted: then it is read from the time of that message on (`idAt`).
   */
  history?(platformId: string, afterMessageId: string, signal: AbortSignal): AsyncIterable<ThreadMessage>;
  /**
   * An id between those of messages before that moment (epoch milliseconds) and after it, where ids tell the time. So
   * the history of a chat in which nothing was taken in yet is read from there on.
   */
  idAt?(ms: number): string;
  findSent?: NonNullable<ChannelAdapter['findSent']>;
  /** `platformId` as a person gave it. Default: the adapter's channel information for a complete id. */
  resolveChat?(platformId: string): Promise<ResolvedChat | null>;
}

export interface ResolvedChat {
  /** As it is stored. */
  platformId: string;
  name: string;
  isGroup: boolean;
}
