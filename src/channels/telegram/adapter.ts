import type { AsyncLocalStorage } from 'node:async_hooks';
import { TelegramAdapter, type TelegramThreadId, type TelegramUpdate } from '@chat-adapter/telegram';
import type {
  AdapterPostableMessage,
  ChannelInfo,
  FileUpload,
  Logger,
  RawMessage,
  WebhookOptions,
} from 'chat';
import { codeOf } from '../../errors.js';
import type { DeliverRequest } from '../adapter.js';
import type { Attempt, Packet } from '../chat-sdk/guard.js';
import type { Changes } from '../chat-sdk/platform.js';
import { createProgress } from '../chat-sdk/progress.js';
import type { TelegramApi } from './api.js';
import { ChatMovedError } from './errors.js';
import { fileForms } from './files.js';
import { renderTelegramHtml } from './markdown.js';
import { editedIn, moveIn, packetOf } from './packets.js';
import type { Topics } from './topics.js';

export interface BridgedTelegramDeps {
  api: TelegramApi;
  token: string;
  apiUrl: string;
  self: { id: number; username: string };
  delivery: AsyncLocalStorage<DeliverRequest>;
  attempt: Attempt;
  changes: Changes;
  topics: Topics;
  /** A chat has another id from now on. */
  moved(from: string, to: string): void;
  logger: Logger;
}

type Sent = Parameters<TelegramAdapter['parseMessage']>[0];
type Text = { raw: string } | { markdown: string };

/** Telegram counts what is seen; markup is counted too here, so that a text is rather too short than too long. */
const LONGEST_CAPTION = 1024;

/**
 * The Chat SDK's Telegram adapter with our transport beneath it: deadlines, typed errors, texts as HTML and never
 * cut, and updates that are asked for by `updates.ts`.
 */
export class BridgedTelegramAdapter extends TelegramAdapter {
  readonly #deps: BridgedTelegramDeps;
  readonly #progress = createProgress<Sent[]>();

  constructor(deps: BridgedTelegramDeps) {
    super({
      botToken: deps.token,
      apiUrl: deps.apiUrl,
      userName: deps.self.username,
      allowedUserIds: [],
      mentionOnReply: true,
      logger: deps.logger,
      // Its own polling confirms updates that failed, and takes those of a chat in at once. No webhook is served.
      mode: 'webhook',
      secretToken: deps.token,
    });
    this.#deps = deps;
    this._botUserId = String(deps.self.id);
    // It would keep what is said in every chat for a week, wired or not.
    Object.defineProperty(this, 'persistThreadHistory', { value: false });
  }

  override get botUserId(): string {
    return String(this.#deps.self.id);
  }

  /** Known before the adapter is made. */
  protected override async ensureBotIdentity(): Promise<void> {}

  /** Rejects when it could not be made durable. What cannot be read is tried a few times, and set aside. */
  async take(update: TelegramUpdate): Promise<void> {
    const { attempt, topics } = this.#deps;
    const packet = packetOf(update);
    const move = moveIn(update.message);
    if (move) this.#deps.moved(String(move.from), String(move.to));
    topics.hear(update.message);
    const edited = editedIn(update);
    if (edited) return this.#takeEdit(edited, packet);
    await attempt(packet, async () => Promise.all(this.processUpdate(update, { deduplicate: false }) ?? []));
  }

  /** A live location that moves on comes as an edit too: the words of it stay the same. */
  async #takeEdit(edited: Sent, packet: Packet): Promise<void> {
    const { location, venue, edit_date, from } = edited;
    if ((location && !venue) || from?.id === this.#deps.self.id) return;
    const found = await this.#deps.attempt(packet, () => this.parseMessage(edited));
    if (!found) return;
    const { value: message } = found;
    await this.#deps.changes.edited({ threadId: message.threadId, message }, String(edit_date ?? ''));
  }

  /** The parts of an album are put together by the host. The adapter's own would keep them in memory for a second. */
  protected override async processIncomingMediaGroup(
    message: Sent,
    threadId: string,
    options?: WebhookOptions,
  ): Promise<void> {
    await this.chat?.processMessage(this, threadId, this.parseMessage(message), options);
  }

  /** Commands are text: the host answers `/stop` and its like, the agent the others. */
  protected override handleSlashCommandUpdate(): boolean {
    return false;
  }

  /** Typing is shown when an agent works, not when somebody writes. */
  protected override startTypingForPrivateMessage(): void {}

  protected override telegramFetch<TResult>(
    method: string,
    payload?: Record<string, unknown> | FormData,
    request?: { signal?: AbortSignal },
  ): Promise<TResult> {
    const signal = request?.signal ?? this.#deps.delivery.getStore()?.signal;
    const call = this.#deps.api.call<TResult>(method, previewless(method, payload), { signal });
    return call.catch((error: unknown) => {
      const from = payload instanceof FormData ? payload.get('chat_id') : payload?.chat_id;
      if (error instanceof ChatMovedError && from) this.#noteMove(String(from), error);
      throw error;
    });
  }

  /** What cannot be written down is told again at the next attempt. */
  #noteMove(from: string, { to }: ChatMovedError): void {
    try {
      this.#deps.moved(from, String(to));
    } catch (error) {
      this.#deps.logger.warn('the new id of a chat could not be kept', { error });
    }
  }

  /** The General topic of a forum must not be named, though it has the number 1. */
  protected override buildChatTargetParams(thread: TelegramThreadId) {
    const { messageThreadId, ...rest } = thread;
    return super.buildChatTargetParams(messageThreadId === 1 ? rest : thread);
  }

  override async postMessage(
    threadId: string,
    message: AdapterPostableMessage,
    replyTo?: string,
  ): Promise<RawMessage<Sent>> {
    if (typeof message !== 'object' || !('markdown' in message || 'raw' in message)) {
      return super.postMessage(threadId, message, replyTo);
    }
    const sent = await this.#say(threadId, message, message.files ?? [], replyTo);
    return { id: this.encodeMessageId(String(sent.chat.id), sent.message_id), threadId, raw: sent };
  }

  async #say(threadId: string, message: Text, files: FileUpload[], replyTo?: string): Promise<Sent> {
    const thread = this.resolveThreadId(threadId);
    const target = {
      ...this.buildChatTargetParams(thread),
      reply_parameters: this.#answering(replyTo, thread.chatId),
    };
    const text = textFields(message);
    if (files.length === 0) return this.telegramFetch<Sent>('sendMessage', { ...target, ...text });
    const key = this.#deps.delivery.getStore()?.idempotencyKey;
    // Files that went without their text keep it so, also where the plain text would have been short enough.
    const fits = text.text.length <= LONGEST_CAPTION && !this.#progress.has(key, 'bare 0');
    const sent: Sent[] = [];
    for (const [index, { method, form }] of (await fileForms(target, fits ? text : null, files)).entries()) {
      const send = async () => [await this.telegramFetch<Sent | Sent[]>(method, form)].flat();
      sent.push(...(await this.#progress.step(key, `${fits ? 'captioned' : 'bare'} ${index}`, send)));
    }
    // Behind the files, because these are refused more often: then nothing has been said yet.
    const last = fits ? sent[0] : await this.telegramFetch<Sent>('sendMessage', { ...target, ...text });
    if (!last) throw new Error('Telegram took the files and told no message');
    this.#progress.forget(key);
    return last;
  }

  /** Ids of messages are those of their chat: what was said before a group moved cannot be answered where it is now. */
  #answering(replyTo: string | undefined, chatId: string) {
    const [chat, id] = replyTo?.split(':') ?? [];
    return id !== undefined && chat !== chatId ? undefined : this.buildReplyParameters(replyTo, chatId);
  }

  override async editMessage(
    threadId: string,
    messageId: string,
    message: AdapterPostableMessage,
  ): Promise<RawMessage<Sent>> {
    if (typeof message !== 'object' || !('markdown' in message || 'raw' in message)) {
      return super.editMessage(threadId, messageId, message);
    }
    const thread = this.resolveThreadId(threadId);
    const { messageId: id } = this.decodeCompositeMessageId(messageId, thread.chatId);
    const target = { chat_id: thread.chatId, message_id: id };
    const { text, ...mode } = textFields(message);
    const edit = (method: string, fields: object) =>
      this.telegramFetch<Sent>(method, { ...target, ...fields, ...mode });
    const raw = await edit('editMessageText', { text }).catch((error: unknown) => {
      if (codeOf(error) === 'telegram-caption-only') return edit('editMessageCaption', { caption: text });
      if (codeOf(error) === 'telegram-not-modified') return this.#unchanged(thread.chatId, id);
      throw error;
    });
    return { id: messageId, threadId, raw };
  }

  #unchanged = (chatId: string, id: number): Sent => ({
    chat: { id: Number(chatId), type: chatId.startsWith('-') ? 'supergroup' : 'private' },
    date: 0,
    message_id: id,
  });

  /** The adapter's own asks for `telegram:<id>`, which Telegram does not know. */
  override async fetchChannelInfo(channelId: string): Promise<ChannelInfo> {
    const info = await super.fetchThread(channelId);
    return { id: channelId, isDM: this.isDM(channelId), metadata: info.metadata, ...named(info.channelName) };
  }
}

/** Telegram would open the first link of a text by itself; captions have no previews (core.telegram.org/bots/api). */
function previewless(method: string, payload: Record<string, unknown> | FormData | undefined) {
  if (!PREVIEWS.has(method)) return payload;
  if (!(payload instanceof FormData)) return { ...payload, link_preview_options: NO_PREVIEW };
  payload.set('link_preview_options', JSON.stringify(NO_PREVIEW));
  return payload;
}

const NO_PREVIEW = { is_disabled: true };
const PREVIEWS = new Set(['sendMessage', 'editMessageText']);

const named = (name: string | undefined) => (name ? { name } : {});

/** Plain text where it is given raw, else HTML. */
function textFields(message: Text): { text: string; parse_mode?: 'HTML' } {
  return 'raw' in message
    ? { text: message.raw }
    : { text: renderTelegramHtml(message.markdown), parse_mode: 'HTML' };
}
