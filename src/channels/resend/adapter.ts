import type { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Adapter,
  type AdapterPostableMessage,
  type Attachment,
  type ChatInstance,
  type FormattedContent,
  Message,
  NotImplementedError,
  type RawMessage,
} from 'chat';
import { ChannelError, type DeliverRequest, type Forwarded } from '../adapter.js';
import type { ResendApi } from './api.js';
import { renderMailHtml } from './html.js';
import { isCalendar } from './invitations.js';
import { type Mail, sentSchema } from './packets.js';
import { createThreads, type Threads } from './threads.js';

export interface MailAdapterDeps {
  api: ResendApi;
  /** As it stands in `RESEND_FROM_ADDRESS`, and the bare address in it. */
  from: string;
  address: string;
  delivery: AsyncLocalStorage<DeliverRequest>;
}

export interface Place {
  address: string;
  thread: string;
}

/** What came in, as far as the Chat SDK is to know it. */
export interface Received extends Place {
  /** Resend's id of the mail when it first came. */
  id: string;
  mail: Mail;
  text: string;
  problems: string[];
  /** All of its words, where some are not in the text. */
  full: string | null;
  forwarded?: Forwarded;
  /** The subject, where it tells something. */
  title: string | null;
  /** Epoch milliseconds. */
  at: number;
  senderName: string;
  automatic: boolean;
}

/** Of a mail that came in; null: of one that was sent. */
type Raw = Pick<Received, 'problems' | 'forwarded' | 'title'> | null;

/**
 * E-mail for the Chat SDK: a chat is what is written with one address, a thread is a thread of mails. A mail cannot be
 * changed, and nothing can be put under it.
 */
export class MailAdapter implements Adapter<Place, Raw> {
  readonly name = 'resend';
  readonly userName: string;
  readonly #deps: MailAdapterDeps;
  #chat: ChatInstance | null = null;
  #threads: Threads | null = null;

  constructor(deps: MailAdapterDeps) {
    this.#deps = deps;
    this.userName = deps.address;
  }

  async initialize(chat: ChatInstance): Promise<void> {
    this.#chat = chat;
    this.#threads = createThreads(chat.getState());
  }

  get threads(): Threads {
    if (!this.#threads) throw new Error('the mail channel is not connected');
    return this.#threads;
  }

  /** Rejects when it could not be made durable. */
  async take(received: Received): Promise<void> {
    if (!this.#chat) throw new Error('the mail channel is not connected');
    await this.#chat.processMessage(this, this.encodeThreadId(received), this.#messageOf(received));
  }

  #messageOf(received: Received): Message<Raw> {
    const { id, mail, text, problems, full, forwarded, title, at, address, thread, senderName, automatic } =
      received;
    return new Message<Raw>({
      id,
      threadId: this.encodeThreadId({ address, thread }),
      text,
      // The bridge hands on the text: a mail is not read as Markdown.
      formatted: { type: 'root', children: [] },
      raw: { problems, title, ...(forwarded ? { forwarded } : {}) },
      author: { userId: address, userName: address, fullName: senderName, isBot: automatic, isMe: false },
      metadata: { dateSent: new Date(at), edited: false },
      // First: of too many files the last are left out.
      attachments: [
        ...(full === null ? [] : [wordsFile(full)]),
        ...mail.attachments.map((file) => fileOf(mail, file)),
      ],
    });
  }

  async postMessage(threadId: string, message: AdapterPostableMessage): Promise<RawMessage<Raw>> {
    return this.#send(threadId, message, null);
  }

  async reply(threadId: string, id: string, message: AdapterPostableMessage): Promise<RawMessage<Raw>> {
    return this.#send(threadId, message, id);
  }

  async #send(
    threadId: string,
    message: AdapterPostableMessage,
    replyTo: string | null,
  ): Promise<RawMessage<Raw>> {
    const request = this.#deps.delivery.getStore();
    if (!request) throw new Error('a mail is sent for a delivery only');
    if (typeof message !== 'object' || !('markdown' in message || 'raw' in message)) {
      throw new ChannelError('resend-no-cards', 'A mail has no cards and no buttons.', 'Say it as text.', {
        errorClass: 'permanent',
      });
    }
    const files = message.files ?? [];
    const said = 'raw' in message ? message.raw : message.markdown;
    const text = said.trim() === '' ? files.map(({ filename }) => filename).join(', ') : said;
    const { address, thread } = this.decodeThreadId(threadId);
    const key = request.idempotencyKey;
    const { subject, headers } = await this.threads.headOf({ address, thread, replyTo, text, key });
    const attachments = await Promise.all(
      files.map(async ({ data, filename, mimeType }) => ({
        filename,
        content: Buffer.from(
          data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : new Uint8Array(data),
        ).toString('base64'),
        ...(mimeType ? { content_type: mimeType } : {}),
      })),
    );
    const mail = {
      from: this.#deps.from,
      to: [address],
      subject,
      text,
      html: renderMailHtml(text),
      headers,
      ...(attachments.length > 0 ? { attachments } : {}),
    };
    const { id } = await this.#deps.api.send(mail, sentSchema, { key, signal: request.signal });
    // It was sent, whatever becomes of the note: without it what a person quotes of it stays.
    await this.threads.sent(address, thread, id).catch(() => {});
    return { id, threadId, raw: null };
  }

  encodeThreadId({ address, thread }: Place): string {
    return thread === '' ? `resend:${address}` : `resend:${address}:${thread}`;
  }

  decodeThreadId(threadId: string): Place {
    const [, address = '', thread = ''] = threadId.split(':');
    return { address, thread };
  }

  channelIdFromThreadId(threadId: string): string {
    return this.encodeThreadId({ ...this.decodeThreadId(threadId), thread: '' });
  }

  isDM(): boolean {
    return true;
  }

  async fetchThread(threadId: string) {
    return { id: threadId, channelId: this.channelIdFromThreadId(threadId), isDM: true, metadata: {} };
  }

  async fetchMessages() {
    return { messages: [] };
  }

  async startTyping(): Promise<void> {}

  /** Calls come through the channel's own handler (`inbound.ts`). */
  async handleWebhook(): Promise<Response> {
    return new Response(null, { status: 404 });
  }

  parseMessage(): Message<Raw> {
    throw new NotImplementedError('A mail is parsed when it comes in.');
  }

  renderFormatted(content: FormattedContent): string {
    return JSON.stringify(content);
  }

  editMessage(): Promise<RawMessage<Raw>> {
    return never('A mail cannot be changed.');
  }

  deleteMessage(): Promise<void> {
    return never('A mail cannot be taken back.');
  }

  addReaction(): Promise<void> {
    return never('There are no reactions to mails.');
  }

  removeReaction(): Promise<void> {
    return never('There are no reactions to mails.');
  }
}

function wordsFile(full: string): Attachment {
  const data = Buffer.from(full);
  return { type: 'file', name: 'full.txt', mimeType: 'text/plain', size: data.length, data };
}

function fileOf(mail: Mail, { id, filename, content_type, size }: Mail['attachments'][number]): Attachment {
  return {
    type: 'file',
    name: filename || (isCalendar({ filename, content_type }) ? 'invitation.ics' : 'attachment'),
    mimeType: content_type || 'application/octet-stream',
    ...(typeof size === 'number' ? { size } : {}),
    fetchMetadata: { mail: mail.id, attachment: id },
  };
}

function never(message: string): Promise<never> {
  const options = { errorClass: 'permanent' } as const;
  return Promise.reject(new ChannelError('resend-cannot', message, 'Send a new mail.', options));
}
