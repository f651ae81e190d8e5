import type { AsyncLocalStorage } from 'node:async_hooks';
import { DiscordAdapter } from '@chat-adapter/discord';
import type { AdapterPostableMessage, Logger, RawMessage } from 'chat';
import { ChannelError, type DeliverRequest } from '../adapter.js';
import { renderDiscordMarkdown } from './markdown.js';
import type { DiscordRest } from './rest.js';

export interface BridgedAdapterDeps {
  rest: DiscordRest;
  apiUrl: string;
  token: string;
  applicationId: string;
  /** The bot's user id, which differs from the application's for old applications. */
  botUserId: string;
  userName: string;
  delivery: AsyncLocalStorage<DeliverRequest>;
  logger: Logger;
}

type Payload = ReturnType<DiscordAdapter['buildMessagePayload']>;
type Files = Parameters<DiscordAdapter['postMessageWithFiles']>[3];

const CREATES_MESSAGE = /^\/channels\/\d+\/messages$/;
const CHANGES_MESSAGE = /^\/channels\/\d+\/messages\/\d+$/;
const SUPPRESS_EMBEDS = 1 << 2;

/**
 * The Chat SDK's Discord adapter with our transport beneath it: an idempotency key for each message, deadlines,
 * typed errors, uploads that honour the API address, and no ping of everyone on an agent's word.
 */
export class BridgedDiscordAdapter extends DiscordAdapter {
  readonly #deps: BridgedAdapterDeps;

  constructor(deps: BridgedAdapterDeps) {
    super({
      botToken: deps.token,
      applicationId: deps.applicationId,
      apiUrl: deps.apiUrl,
      userName: deps.userName,
      logger: deps.logger,
      // Events come by the gateway: no webhook is served, so none is accepted.
      webhookVerifier: () => false,
    });
    this.#deps = deps;
  }

  override get botUserId(): string {
    return this.#deps.botUserId;
  }

  protected override discordFetch(path: string, method: string, body?: unknown): Promise<Response> {
    const creates = method === 'POST' && CREATES_MESSAGE.test(path);
    const edits = method === 'PATCH' && CHANGES_MESSAGE.test(path);
    const given = typeof body === 'object' && body !== null ? body : undefined;
    const fields = creates || edits ? embedless(given ?? {}) : given;
    return this.#deps.rest.request(method, path, {
      body: creates ? this.#withKey(fields ?? {}) : fields,
      signal: this.#deps.delivery.getStore()?.signal,
    });
  }

  /** The same fields for every attempt at the same part. */
  #withKey(fields: object): object {
    const request = this.#deps.delivery.getStore();
    const replyTo = request?.part.type === 'text' ? request.part.replyTo : null;
    return {
      ...fields,
      allowed_mentions: { parse: ['users'], replied_user: true },
      ...(request ? { nonce: request.idempotencyKey, enforce_nonce: true } : {}),
      ...(replyTo ? { message_reference: { message_id: replyTo, fail_if_not_exists: false } } : {}),
    };
  }

  protected override async postMessageWithFiles(
    channelId: string,
    threadId: string,
    payload: Payload['payload'],
    files: Files,
  ): Promise<RawMessage<unknown>> {
    const form = new FormData();
    const attachments = files.map((file, id) => ({ id, filename: file.filename }));
    form.append('payload_json', JSON.stringify(this.#withKey(embedless({ ...payload, attachments }))));
    for (const [index, file] of files.entries()) {
      const type = file.mimeType ?? 'application/octet-stream';
      form.append(`files[${index}]`, new Blob([asBlobPart(file.data)], { type }), file.filename);
    }
    const response = await this.#deps.rest.request('POST', `/channels/${channelId}/messages`, {
      body: form,
      signal: this.#deps.delivery.getStore()?.signal,
    });
    const raw: unknown = await response.json();
    return { id: this.parseMessage(raw).id, threadId, raw };
  }

  /** Texts are within the limit and in Discord's Markdown when they get here: they are not parsed and cut again. */
  protected override buildMessagePayload(
    message: AdapterPostableMessage,
    options?: { clearContentForCard?: boolean },
  ): Payload {
    if (typeof message === 'object' && 'markdown' in message)
      return textPayload(renderDiscordMarkdown(message.markdown));
    if (typeof message === 'object' && 'raw' in message) return textPayload(message.raw);
    return super.buildMessagePayload(message, options);
  }

  /** A thread that began with a message bears its id; that message itself stands in the channel above. */
  protected override async withMessageChannel<T>(
    threadId: string,
    messageId: string,
    operation: (channelId: string) => Promise<T>,
  ): Promise<T> {
    const { channelId, threadId: thread } = this.decodeThreadId(threadId);
    try {
      return await operation(thread ?? channelId);
    } catch (error) {
      const above =
        thread === messageId && error instanceof ChannelError && error.code === 'discord-unknown-message';
      if (!above) throw error;
      return operation(channelId);
    }
  }
}

/**
 * Discord would open every link of a text by itself to show what is there. A card is an embed of ours, which that flag
 * would hide: it has no text beside it, and links in an embed are not opened
 * (discord.com/developers/docs/resources/message#message-object-message-flags).
 */
function embedless(fields: object): object {
  const { embeds, content, flags }: { embeds?: unknown; content?: unknown; flags?: unknown } = fields;
  const card = Array.isArray(embeds) && embeds.length > 0 && !content;
  return card ? fields : { ...fields, flags: Number(flags ?? 0) | SUPPRESS_EMBEDS };
}

const textPayload = (content: string): Payload => ({
  componentCount: 0,
  embedCount: 0,
  payload: { content },
});

/** TypeScript knows a Buffer's memory as possibly shared, which a Blob does not take: this is a copy of our own. */
function asBlobPart(data: Files[number]['data']): Blob | ArrayBuffer | Uint8Array<ArrayBuffer> {
  return Buffer.isBuffer(data) ? new Uint8Array(data) : data;
}
