import type { Readable } from 'node:stream';
import type { Address } from '../db/types.js';
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

/** One thing that happened on a platform, already normalised by the catalog. */
export interface InboundEvent extends Address {
  /** The platform's id of the message (of a reaction or click: an id of that event, unique in the chat). */
  messageId: string;
  kind: 'message' | 'reaction' | 'click';
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
  /** Platform id of the message that this one answers, reacts to, or whose button was clicked. */
  replyTo: string | null;
  attachments: InboundAttachment[];
  /** When the platform says that it happened, epoch milliseconds. */
  at: number;
}

/** What a channel needs of the host. */
export interface ChannelHost {
  /**
   * Takes an event in. Resolves once it is durable (or was recorded as deliberately dropped): only then is the
   * platform acknowledged. Rejects when it is not: the platform must redeliver. The same event twice is harmless.
   */
  receive(event: InboundEvent): Promise<void>;
  /**
   * The wired chats of this channel with the last message that was taken in: where gap filling starts. Where there is
   * none yet (null), `lastAt` (epoch milliseconds) is when the chat was wired. What was said before `wiredAt` is
   * nobody's.
   */
  cursors(): { platformId: string; lastMessageId: string | null; lastAt: number; wiredAt?: number }[];
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
  /** Cuts a Markdown text into parts that each fit one message. The same text always gives the same parts. */
  splitText(text: string): string[];
  /** Says one part. Rejects with a ChannelError. */
  deliver(request: DeliverRequest): Promise<DeliverResult>;
  /** Shows "typing…" once; platforms let it fade after some seconds. Never rejects. */
  setTyping(to: Address): Promise<void>;
  /** Messages after the cursor, oldest first; only with `capabilities.history`. */
  fetchSince?(platformId: string, afterMessageId: string, signal: AbortSignal): AsyncIterable<InboundEvent>;
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
