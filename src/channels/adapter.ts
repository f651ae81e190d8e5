import type { Readable } from 'node:stream';
import type { Address } from '../address.js';
import { WharfieError } from '../errors.js';

/** Who said it. `id` is `<channel>:<platform's stable user id>`; `self`: this very bot. */
export interface Sender {
  id: string;
  name: string;
  isBot: boolean;
  self: boolean;
}

export interface InboundAttachment {
  name: string;
  mimeType: string;
  /** Bytes, where the platform tells. */
  size: number | null;
  /** The bytes; opened at most once, and only when the router decided to keep them. */
  open(): Promise<Readable>;
}

/** The message that another one answers, or the part of it that the person marked. */
export interface Quoted {
  /** Markdown. */
  text: string;
  /** Who wrote it, as the platform names them. */
  from: string;
  /** Platform id; null: it was said in another chat, or the platform does not tell. */
  messageId: string | null;
  /** The person marked this part of it. */
  partial: boolean;
  files: InboundAttachment[];
}

/** Somebody else's words that a person passed on. They are no part of `InboundEvent.text`, and call nobody. */
export interface Forwarded {
  /** Markdown. */
  text: string;
  /** Who wrote them, as the platform names them; empty: it does not. */
  from: string;
  /** When they were first said, epoch milliseconds, where the platform tells. */
  at: number | null;
}

/** The first message of a thread, or what an issue says. */
export interface ThreadRoot {
  /** Markdown. */
  text: string;
  from: string;
  /** Platform id, where it is a message of the chat. */
  messageId: string | null;
  files: InboundAttachment[];
}

/** What a comment is about. */
export interface Subject {
  kind: 'issue' | 'pull-request' | 'diff' | 'mail';
  title: string | null;
  url: string | null;
  /** Of a file in a repository. */
  path: string | null;
  line: number | null;
  /** The lines of a diff that a comment stands at. */
  text: string | null;
}

/** One thing that happened on a platform, already normalised by the catalog. What it quotes is data, and never authority. */
export interface InboundEvent extends Address {
  /** The platform's id of the message (of anything else: an id of that event, unique in the chat). */
  messageId: string;
  /**
   * `edited`: `text` are the new words of the message `replyTo` · `deleted`: the message `replyTo` is gone · `service`:
   * nothing that anybody is to hear, such as a pin or a join. It is counted.
   */
  kind: 'message' | 'reaction' | 'click' | 'edited' | 'deleted' | 'service';
  /** The chat's name as the platform shows it. */
  chatName: string;
  isGroup: boolean;
  /** The bot was mentioned, or one of its own messages was replied to. */
  mentioned: boolean;
  /** How the text calls the bot at its beginning (`@My Bot`): where a name has blanks, the text does not tell. */
  calledAs?: string;
  sender: Sender;
  /** Markdown. For a reaction the emoji, for a click the value of the button. */
  text: string;
  /** Of an edit: the message was deleted, and its author has brought it back. */
  restored?: true;
  /** Of an edit: who made it (as `Sender.id`), where the platform lets others than the author. */
  editedBy?: string;
  /** Platform id of the message that this one answers, reacts to, changes, or whose button was clicked. */
  replyTo: string | null;
  attachments: InboundAttachment[];
  quoted?: Quoted;
  forwarded?: Forwarded;
  subject?: Subject;
  /** Fetches what the thread began with. Called where a conversation meets the thread for the first time. */
  root?(): Promise<ThreadRoot | null>;
  /** Messages of one chat with the same value are one message in several parts. */
  album?: string;
  /** Sentences for the agent: what the channel could not read as it was meant. */
  problems?: string[];
  /** When the platform says that it happened, epoch milliseconds. */
  at: number;
}

/** The id of an edit; `version` tells one edit of the message from the next. */
export const editId = (messageId: string, version: string): string => `edit:${messageId}:${version}`;

/**
 * How much of a message is to be read. `all` · `brief`: nobody is to answer it yet; its first plain words are enough for
 * a pairing code, or to be kept until its chat is registered · `later`: there are too many; the platform is to send it
 * again · `none`: it is refused and counted, and not to be handed on.
 */
export type Admitted = 'all' | 'brief' | 'later' | 'none';

/** Something that a channel could not read, as far as it can be told all the same. */
export interface UnreadMessage {
  channelType: string;
  /** Empty: its chat is not known. */
  platformId: string;
  threadId: string;
  platformMessageId: string;
  senderId: string | null;
  /** When the platform says that it was written, epoch milliseconds. */
  saidAt: number | null;
  /** For `retake`; null: it means nothing a while later (a click, a reaction). */
  raw: unknown;
}

/** What a channel needs of the host. */
export interface ChannelHost {
  /**
   * Takes an event in. Resolves once it is durable (or was recorded as deliberately dropped): only then is the
   * platform acknowledged. Rejects when it is not: the platform must redeliver. The same event twice is harmless.
   */
  receive(event: InboundEvent): Promise<void>;
  /**
   * For channels whose events are to be fetched or parsed: decides by ids, before that is done. Ask once a message;
   * whatever is handed on is judged again.
   */
  admits?(asked: { platformId: string; senderId: string }): Admitted;
  /**
   * Notes that a message cannot be read, through something in it. `again`: it is to be tried again. `set-aside`: that
   * was its last try, and the channel goes on as if it had been taken in. Throws where nothing can be noted.
   */
  unread(message: UnreadMessage, error: unknown): 'again' | 'set-aside';
  /**
   * The wired chats of this channel with the last message that was taken in: where gap filling starts. Where there is
   * none yet (null), `lastAt` (epoch milliseconds) is when the chat was wired. What was said before `wiredAt` is
   * nobody's.
   */
  cursors(): { platformId: string; lastMessageId: string | null; lastAt: number; wiredAt?: number }[];
  /**
   * A chat has another id from now on, of which either side may be told first, and again. Both in the form of the
   * catalog. Twice the same id: it belongs to another chat from now on. Throws where it cannot be written down: the platform is to tell again.
   */
  moved?(chat: { from: string; to: string }): void;
  /** Tells that `health()` changed; deliveries that wait for a channel are tried again when it connects. */
  healthChanged(): void;
}

export interface OutboundFile {
  name: string;
  mimeType: string;
  data: Buffer;
}

export interface QuestionOption {
  label: string;
  value: string;
}

/** One part of something to say. Texts are Markdown and already within `splitText`'s bounds. */
export type OutboundPart =
  | { type: 'text'; text: string; files: OutboundFile[]; replyTo: string | null }
  | { type: 'edit'; messageId: string; text: string }
  | { type: 'reaction'; messageId: string; emoji: string }
  | { type: 'question'; questionId: string; title: string; question: string; options: QuestionOption[] }
  | { type: 'card'; card: Record<string, unknown>; fallbackText: string };

export interface DeliverRequest {
  to: Address;
  part: OutboundPart;
  /** The same for every attempt at the same part; at most 24 characters. */
  idempotencyKey: string;
  signal: AbortSignal;
}

export interface DeliverResult {
  /** Platform ids of what was said; empty for edits and reactions. */
  messageIds: string[];
}

/**
 * `transient`: did not get there, try again · `rate-limited`: try again after `retryAfterMs`, no attempt is charged ·
 * `permanent`: will never work · `unknown`: may or may not have arrived (the connection broke after the request left).
 */
export type ChannelErrorClass = 'transient' | 'rate-limited' | 'permanent' | 'unknown';

export class ChannelError extends WharfieError {
  readonly errorClass: ChannelErrorClass;
  readonly retryAfterMs: number | null;

  constructor(
    code: string,
    message: string,
    fix: string,
    options: { errorClass: ChannelErrorClass; retryAfterMs?: number; cause?: unknown },
  ) {
    super(code, message, fix, { cause: options.cause });
    this.errorClass = options.errorClass;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** Why a channel cannot start. Codes: `channel-unconfigured` `channel-package-missing`, `webhook-*`, and the channel's own. */
export class ChannelStartError extends WharfieError {}

export interface ChannelCapabilities {
  threads: boolean;
  edits: boolean;
  reactions: boolean;
  typing: boolean;
  files: boolean;
  buttons: boolean;
  /** May the bot open a direct message with somebody who never wrote to it? */
  coldDirectMessages: boolean;
  /** Longest text of one message, in UTF-16 code units, code points or UTF-8 bytes. */
  textLimit: { max: number; unit: 'utf16' | 'codepoint' | 'byte' };
  /** The platform drops a second send with the same key, for some minutes. */
  idempotency: boolean;
  /** `fetchSince` and `findSent` work. */
  history: boolean;
  /** Deliveries wait for this channel for ever (the terminal: nobody connected is not an outage). */
  waitsForEver: boolean;
}

export type ChannelHealth =
  | { state: 'connected' }
  | { state: 'connecting'; detail: string }
  | { state: 'unconfigured'; missing: string[] }
  | { state: 'failed'; detail: string; fix: string };

export interface ChannelAdapter {
  readonly channelType: string;
  readonly capabilities: ChannelCapabilities;
  /** Connects. Rejects when it cannot; the registry then tries again for ever, with back-off. */
  start(host: ChannelHost): Promise<void>;
  stop(): Promise<void>;
  health(): ChannelHealth;
  /** How a person mentions the bot on its platform, without the `@`; null: not connected, or it does not tell. */
  botName?(): string | null;
  /** Cuts a Markdown text into parts that each fit one message. The same text always gives the same parts. */
  splitText(text: string): string[];
  /** Says one part. Rejects with a ChannelError. */
  deliver(request: DeliverRequest): Promise<DeliverResult>;
  /** Shows "typing…" once; platforms let it fade after some seconds. Never rejects. */
  setTyping(to: Address): Promise<void>;
  /** Messages after the cursor, oldest first; only with `capabilities.history`. */
  fetchSince?(platformId: string, afterMessageId: string, signal: AbortSignal): AsyncIterable<InboundEvent>;
  /** Takes in anew what was set aside; `raw` is what `ChannelHost.unread` was given. Resolves also where it fails again. */
  retake?(raw: unknown): Promise<void>;
  /**
   * Settles an `unknown` delivery from the chat's history: the ids of what arrived, or null if it did not. `isAnother`:
   * that message of ours is known to be another one, however alike they look.
   */
  findSent?(
    request: DeliverRequest,
    sentAt: number,
    isAnother?: (messageId: string) => boolean,
  ): Promise<DeliverResult | null>;
  /**
   * What a platform id names, for `register` and `groups`, and how it is stored (`platformId`): a person may give
   * less than that, such as a bare channel id. Null where the bot cannot see it.
   */
  resolveChat?(platformId: string): Promise<{ platformId: string; name: string; isGroup: boolean } | null>;
}
