import type { AsyncLocalStorage } from 'node:async_hooks';
import { WhatsAppAdapter, type WhatsAppRawMessage } from '@chat-adapter/whatsapp';
import type {
  AdapterPostableMessage,
  Attachment,
  FileUpload,
  Logger,
  RawMessage,
  WebhookOptions,
} from 'chat';
import { z } from 'zod';
import { ChannelError, type DeliverRequest } from '../adapter.js';
import type { Attempt } from '../chat-sdk/guard.js';
import type { Changes } from '../chat-sdk/platform.js';
import { createProgress } from '../chat-sdk/progress.js';
import { fileName, mediaMessage, uploadFile } from './files.js';
import type { Graph } from './graph.js';
import { renderWhatsApp } from './markdown.js';
import {
  changesIn,
  checkMessage,
  editIn,
  isChoice,
  keptSchema,
  packetOf,
  readChange,
  revokedIn,
  type Told,
} from './packets.js';
import { interactiveOf } from './questions.js';
import type { Statuses } from './statuses.js';

export interface BridgedWhatsAppDeps {
  graph: Graph;
  statuses: Statuses;
  token: string;
  apiUrl: string;
  appSecret: string;
  verifyToken: string;
  phoneNumberId: string;
  name: string;
  delivery: AsyncLocalStorage<DeliverRequest>;
  attempt: Attempt;
  changes: Changes;
  logger: Logger;
}

type Inbound = WhatsAppRawMessage['message'];
type Contact = WhatsAppRawMessage['contact'];
type Sent = RawMessage<WhatsAppRawMessage>;
type Identity = NonNullable<Parameters<WhatsAppAdapter['handleInboundMessage']>[4]>;

const sentSchema = z.object({ messages: z.array(z.object({ id: z.string() })).min(1) });
const LONGEST_CAPTION = 1024;
const MOST_CHATS = 1000;
/** What becomes of a message of before. */
const CHANGES = new Set(['edit', 'revoke']);
/** What cannot be marked as read. */
const NOT_SAID = new Set([...CHANGES, 'system', 'request_welcome']);

/**
 * The Chat SDK's WhatsApp adapter with our transport beneath it: deadlines, typed errors, statuses, texts in WhatsApp's
 * own marks and never cut, questions as lists too, and messages that are answered for only once they are taken in.
 */
export class BridgedWhatsAppAdapter extends WhatsAppAdapter {
  readonly #deps: BridgedWhatsAppDeps;
  readonly #progress = createProgress<Sent>();
  /** The last message of each person: typing is shown as what happens with it. */
  readonly #last = new Map<string, string>();

  constructor(deps: BridgedWhatsAppDeps) {
    super({
      accessToken: deps.token,
      apiUrl: deps.apiUrl,
      appSecret: deps.appSecret,
      verifyToken: deps.verifyToken,
      phoneNumberId: deps.phoneNumberId,
      userName: deps.name,
      logger: deps.logger,
    });
    this.#deps = deps;
    // It would keep what is said in every chat for a week, wired or not.
    Object.defineProperty(this, 'persistThreadHistory', { value: false });
  }

  override get botUserId(): string {
    return this.phoneNumberId;
  }

  override async handleWebhook(request: Request): Promise<Response> {
    if (request.method === 'GET') return this.handleVerificationChallenge(request);
    const body = await request.text();
    if (!this.verifySignature(body, request.headers.get('x-hub-signature-256'))) {
      return new Response('Invalid signature', { status: 401 });
    }
    const changes = changesIn(body);
    if (!changes) return new Response('Not understood', { status: 400 });
    for (const { field, value } of changes) {
      if (field === 'user_id_update') await this.#onUserIdUpdate(value);
      const told = field === 'messages' ? readChange(value) : null;
      // An app may serve several numbers; this channel is one of them.
      if (told?.phoneNumberId === this.phoneNumberId) await this.#take(told);
    }
    return new Response('ok');
  }

  /** Rejects when a message could not be taken in; what that person said after it then waits for it. */
  async #take({ messages, statuses, strange, inGroups }: Told): Promise<void> {
    if (inGroups > 0)
      this.#deps.logger.warn('messages of WhatsApp groups are not taken in', { messages: inGroups });
    for (const status of statuses) this.#deps.statuses.take(status);
    for (const one of strange) {
      await this.#deps.attempt(packetOf(this.phoneNumberId, one), () => checkMessage(one));
    }
    const stuck = new Set<string>();
    let failure: unknown = null;
    for (const { inbound, contact } of messages) {
      const packet = packetOf(this.phoneNumberId, inbound, contact);
      const found = await this.#deps.attempt(packet, () =>
        this.resolve(inbound, contact, this.phoneNumberId),
      );
      const identity = found?.value;
      if (!identity || stuck.has(identity.userId)) continue;
      if (!NOT_SAID.has(inbound.type)) this.#remember(identity.userId, inbound.id);
      try {
        await this.#deps.attempt(packet, () => this.#hand(inbound, contact, identity));
      } catch (error) {
        stuck.add(identity.userId);
        failure ??= error;
      }
    }
    if (stuck.size > 0) throw failure;
  }

  async #hand(inbound: Inbound, contact: Contact, identity: Identity): Promise<void> {
    if (CHANGES.has(inbound.type)) return this.#handChange(inbound, contact, identity);
    const tasks: Promise<unknown>[] = [];
    const options = {
      propagateHandlerErrors: true,
      waitUntil: (task: Promise<unknown>) => void tasks.push(task),
    };
    this.handleInboundMessage(inbound, contact, this.phoneNumberId, options, identity);
    await Promise.all(tasks);
  }

  async #handChange(inbound: Inbound, contact: Contact, identity: Identity): Promise<void> {
    const { changes } = this.#deps;
    const threadId = this.encodeThreadId({ phoneNumberId: this.phoneNumberId, userWaId: identity.userId });
    const edit = editIn(inbound);
    if (edit) {
      const message = this.#messageOf(edit.now, contact, identity);
      return changes.edited({ threadId, message }, edit.version);
    }
    const messageId = revokedIn(inbound);
    if (messageId === null) return;
    const { fullName: userName, userId } = this.author(identity, contact);
    await changes.deleted({ threadId, messageId, userId, userName, at: Number(inbound.timestamp) * 1000 });
  }

  #messageOf(inbound: Inbound, contact: Contact, identity: Identity) {
    const threadId = this.encodeThreadId({ phoneNumberId: this.phoneNumberId, userWaId: identity.userId });
    const text = this.extractTextContent(inbound) ?? '';
    return this.buildMessage(inbound, contact, threadId, text, this.phoneNumberId, identity);
  }

  /** Takes in a message anew that was kept. */
  async retake(raw: unknown): Promise<void> {
    const { message: inbound, contact, phoneNumberId } = keptSchema.parse(raw);
    await this.#take({
      phoneNumberId,
      messages: [{ inbound, contact }],
      statuses: [],
      strange: [],
      inGroups: 0,
    });
  }

  #remember(userId: string, messageId: string): void {
    const threadId = this.encodeThreadId({ phoneNumberId: this.phoneNumberId, userWaId: userId });
    this.#last.delete(threadId);
    this.#last.set(threadId, messageId);
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= MOST_CHATS) break;
      this.#last.delete(oldest);
    }
  }

  async #onUserIdUpdate(value: unknown): Promise<void> {
    type Update = Parameters<typeof this.handleUserIdUpdate>[0];
    const schema = z.custom<Update>((given) => updateSchema.safeParse(given).success);
    const update = schema.safeParse(value).data;
    if (update) await this.handleUserIdUpdate(update);
  }

  /**
   * A click is a message of its own, about the one that has the button. Whatever else is chosen, or filled in, is what
   * the person says: buttons of templates and forms are no questions of ours.
   */
  protected override handleInteractiveReply(
    inbound: Inbound,
    contact: Contact,
    phoneNumberId: string,
    options?: WebhookOptions,
    identity?: Identity,
  ): void {
    if (!isChoice(inbound)) {
      this.#takeWords(inbound, contact, options, identity);
      return;
    }
    const click = { ...inbound, id: inbound.context?.id ?? inbound.id, clickId: inbound.id };
    super.handleInteractiveReply(click, contact, phoneNumberId, options, identity);
  }

  protected override handleButtonResponse(
    inbound: Inbound,
    contact: Contact,
    _: string,
    options?: WebhookOptions,
    identity?: Identity,
  ): void {
    this.#takeWords(inbound, contact, options, identity);
  }

  #takeWords(inbound: Inbound, contact: Contact, options?: WebhookOptions, identity?: Identity): void {
    if (!identity) return;
    const message = this.#messageOf(inbound, contact, identity);
    this.chat?.processMessage(this, message.threadId, message, options);
  }

  /** What the adapter would pass over without a word; `details.ts` reads the words. */
  protected override extractTextContent(message: Inbound): string {
    return super.extractTextContent(message) ?? '';
  }

  /** A place on the map is no file; a picture without a name is one by its kind. */
  protected override buildAttachments(message: Inbound): Attachment[] {
    return super
      .buildAttachments(message)
      .filter(({ fetchMetadata }) => fetchMetadata)
      .map((file) => ({ ...file, name: fileName(file) }));
  }

  protected override graphApiRequest<T = unknown>(path: string, body: unknown): Promise<T> {
    const signal = this.#deps.delivery.getStore()?.signal;
    return this.#deps.graph.post<T>(path, z.looseObject({}).parse(body), signal);
  }

  override async startTyping(threadId: string): Promise<void> {
    const message_id = this.#last.get(threadId);
    if (message_id === undefined) return;
    await this.graphApiRequest(`/${this.phoneNumberId}/messages`, {
      messaging_product: 'whatsapp',
      status: 'read',
      message_id,
      typing_indicator: { type: 'text' },
    });
  }

  protected override async send(
    threadId: string,
    message: AdapterPostableMessage,
    replyId?: string,
  ): Promise<Sent> {
    if (typeof message === 'object' && 'card' in message) {
      const interactive = interactiveOf(message.card);
      if (interactive) return this.#say(threadId, { type: 'interactive', interactive });
      throw new ChannelError('whatsapp-no-cards', 'WhatsApp has no such card.', 'Say it as text.', {
        errorClass: 'permanent',
      });
    }
    if (typeof message !== 'object' || !('markdown' in message || 'raw' in message)) {
      throw new Error('only texts and questions are sent to WhatsApp');
    }
    const text = 'raw' in message ? message.raw : renderWhatsApp(message.markdown);
    const files = message.files ?? [];
    if (files.length === 0) return this.#say(threadId, textMessage(text), replyId);
    return this.#sayFiles(threadId, text, files, replyId);
  }

  async #sayFiles(threadId: string, text: string, files: FileUpload[], replyId?: string): Promise<Sent> {
    const signal = this.#deps.delivery.getStore()?.signal;
    const media = [];
    // All of them before the first is said: a file that is refused then leaves nothing behind.
    for (const file of files)
      media.push(await uploadFile(this.#deps.graph, this.phoneNumberId, file, signal));
    const captioned = media[0]?.type !== 'audio' && text.length <= LONGEST_CAPTION;
    const said = media.map((one, index) => mediaMessage(one, index === 0 && captioned ? text : ''));
    if (!captioned && text.trim() !== '') said.push(textMessage(text));
    const key = this.#deps.delivery.getStore()?.idempotencyKey;
    const sent: Sent[] = [];
    for (const [index, one] of said.entries()) {
      const say = () => this.#say(threadId, one, index === 0 ? replyId : undefined);
      sent.push(await this.#progress.step(key, String(index), say));
    }
    this.#progress.forget(key);
    const [first] = sent;
    if (!first) throw new Error('there was nothing to say');
    return first;
  }

  async #say(threadId: string, said: object, replyId?: string): Promise<Sent> {
    const { userWaId } = this.decodeThreadId(threadId);
    const answer = await this.graphApiRequest(`/${this.phoneNumberId}/messages`, {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      ...(await this.recipient(threadId, userWaId)),
      ...(replyId ? { context: { message_id: replyId } } : {}),
      ...said,
    });
    const [{ id } = { id: '' }] = sentSchema.parse(answer).messages;
    await this.#deps.statuses.settled(id, this.#deps.delivery.getStore()?.signal);
    const message: Inbound = { id, from: this.phoneNumberId, timestamp: '0', type: 'text' };
    return { id, threadId, raw: { message, phoneNumberId: this.phoneNumberId } };
  }

  /** Files are opened by `files.ts`; the adapter's own would fetch them into memory. */
  override rehydrateAttachment(attachment: Attachment): Attachment {
    return attachment;
  }
}

const updateSchema = z.object({
  metadata: z.object({ phone_number_id: z.string() }),
  user_id_update: z.array(z.object({ user_id: z.object({}).optional(), wa_id: z.string().optional() })),
});

const textMessage = (body: string) => ({ type: 'text', text: { preview_url: false, body } });
