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
import type { Address } from '../../address.js';
import type {
  ChannelAdapter,
  ChannelError,
  ChannelHealth,
  ChannelHost,
  DeliverRequest,
  Forwarded,
  Quoted,
  Subject,
  ThreadRoot,
} from '../adapter.js';
import type { ChannelDeps } from '../module.js';
import type { Attempt } from './guard.js';
import type { ReadText } from './unread.js';

/** A thread of the Chat SDK and a message in it. */
export interface ThreadMessage {
  threadId: string;
  message: Message;
}

/** What the Chat SDK's own fields do not tell, or tell worse than the platform's raw message. */
export interface MessageDetails {
  /** Markdown, with names for ids. */
  text?: string;
  /** Where there is neither text nor file: what the message is, in brackets: `[sticker 👍]`, `[poll: Lunch? – Pizza / Salad]`. */
  placeholder?: string;
  /** Nobody is to hear it: a pin, a join, a command for another bot. */
  service?: true;
  /** Of who speaks, where it is not the author: a chat whose admin is anonymous, or a channel. */
  senderId?: string;
  senderName?: string;
  isBot?: boolean;
  chatName?: string;
  mentioned?: boolean;
  calledAs?: string;
  replyTo?: string | null;
  quoted?: Omit<Quoted, 'files'> & { files?: readonly Attachment[] };
  forwarded?: Forwarded;
  subject?: Subject;
  /** What the thread began with; asked only where a conversation meets it for the first time. */
  root?(): Promise<(Omit<ThreadRoot, 'files'> & { files?: readonly Attachment[] }) | null>;
  /** Parts of one message that the platform sends one by one. */
  album?: string;
  /** More files than the Chat SDK's message has. */
  files?: readonly Attachment[];
  problems?: string[];
}

/** A message of before that is gone. */
export interface Deleted {
  threadId: string;
  /** As the message had it when it came. */
  messageId: string;
  /** Who deleted it, where the platform tells; else whose it was, or nobody. */
  userId: string;
  userName: string;
  /** Epoch milliseconds. */
  at: number;
}

/**
 * For a channel whose platform tells what becomes of a message. They settle as the taking in of a message does: rejected
 * means that the platform is to tell again.
 */
export interface Changes {
  /**
   * The message as it is now. `version` tells this edit from the next, and is the same when it is told again. `by`: the
   * user id of who edited, where that may be another than the author.
   */
  edited(entry: ThreadMessage, version: string, by?: string): Promise<void>;
  /** The message was deleted, and its author has brought it back. */
  restored(entry: ThreadMessage, version: string): Promise<void>;
  deleted(message: Deleted): Promise<void>;
}

/** What the bridge gives a channel while it is connected. */
export interface ConnectContext extends ChannelDeps {
  /** The request that is being delivered, for whatever the adapter does on its behalf: its key and its deadline. */
  readonly delivery: AsyncLocalStorage<DeliverRequest>;
  /** Aborted at `stop`. */
  readonly signal: AbortSignal;
  readonly changes: Changes;
  /** A chat has another id from now on (`ChannelHost.moved`); with or without the channel's prefix. */
  moved(from: string, to: string): void;
  /** How much of a message is to be read, asked before it is fetched or parsed. */
  readonly admits: NonNullable<ChannelHost['admits']>;
  /** For whatever reads what strangers wrote. The bridge does it by itself once it has a Message. */
  readonly attempt: Attempt;
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
 * What one channel adds to the bridge. Only `adapter`, `redelivers` and `retake` are needed; every other member replaces
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
  /**
   * What the adapter reads of a text that came in. Whatever a stranger wrote, it must take no longer than other texts
   * of that length. Default: nothing is read, the text stays as it is.
   */
  readonly readText?: ReadText;
  /** Takes in a message anew, from what its Message has as `raw`. */
  retake(raw: unknown): Promise<void>;
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
