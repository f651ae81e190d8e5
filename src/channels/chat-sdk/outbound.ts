import type { AsyncLocalStorage } from 'node:async_hooks';
import type { AdapterPostableMessage, StateAdapter } from 'chat';
import type { Address } from '../../address.js';
import { shortHash } from '../../ids.js';
import { ChannelError, type DeliverRequest, type DeliverResult, type OutboundFile } from '../adapter.js';
import type { ChannelFacts } from '../catalog/index.js';
import { cardOf, questionCard, questionText } from './cards.js';
import { channelErrorOf } from './errors.js';
import { imageless } from './imageless.js';
import type { ChatSdkPlatform } from './platform.js';
import { createProgress } from './progress.js';

/** How long a button of a question can be clicked. */
const CHOICES_KEPT_MS = 30 * 24 * 3_600_000;
const choicesKey = (questionId: string) => `choices:${questionId}`;

export interface OutboundDeps {
  facts: ChannelFacts;
  platform: ChatSdkPlatform;
  state: StateAdapter;
  delivery: AsyncLocalStorage<DeliverRequest>;
  splitText(text: string): string[];
}

export interface Outbound {
  deliver(request: DeliverRequest): Promise<DeliverResult>;
  /** What the button of a question stands for; null where it is none of ours. */
  choice(questionId: string, value: string): Promise<string | null>;
}

/** Says parts through the Chat SDK's adapter, each in the context of its request. */
export function createOutbound(deps: OutboundDeps): Outbound {
  const { platform, facts, state } = deps;
  const { adapter } = platform;
  const postable = (text: string) => platform.postable?.(text) ?? { markdown: text };
  const progress = createProgress<string>();
  const threadIdOf = (to: Address) => platform.threadIdOf?.(to) ?? joinThreadId(to);

  async function say(request: DeliverRequest): Promise<string[]> {
    const threadId = threadIdOf(request.to);
    const { part } = request;
    switch (part.type) {
      case 'text': {
        const files = part.files.map(uploadOf);
        const formatted = { ...postable(part.text), files };
        return [
          await orPlain(formatted, { raw: part.text, files }, (said) => post(threadId, said, part.replyTo)),
        ];
      }
      case 'edit':
        return edit(threadId, part.messageId, part.text);
      case 'reaction':
        await adapter.addReaction(threadId, part.messageId, part.emoji.replace(/^:(.+):$/, '$1'));
        return [];
      case 'question': {
        const values = part.options.map((option) => option.value);
        await state.set(choicesKey(part.questionId), values, CHOICES_KEPT_MS);
        return card(request, threadId, questionCard(part), questionText(part));
      }
      case 'card': {
        const element = cardOf(part.card);
        return element
          ? card(request, threadId, element, part.fallbackText)
          : sayAll(request, threadId, part.fallbackText);
      }
    }
  }

  async function post(
    threadId: string,
    said: AdapterPostableMessage,
    replyTo: string | null,
  ): Promise<string> {
    const sent =
      replyTo !== null && adapter.reply
        ? await adapter.reply(threadId, replyTo, said)
        : await adapter.postMessage(threadId, said);
    return sent.id;
  }

  /** What a platform refuses in its markup is said without any. */
  async function orPlain<T extends AdapterPostableMessage>(
    formatted: T,
    plain: AdapterPostableMessage,
    send: (said: AdapterPostableMessage) => Promise<string>,
  ): Promise<string> {
    try {
      return await send(formatted);
    } catch (error) {
      if (!isMarkupRefusal(judge(error))) throw error;
      return send(plain);
    }
  }

  async function edit(threadId: string, messageId: string, text: string): Promise<string[]> {
    if (deps.splitText(text).length > 1) {
      throw new ChannelError(
        `${facts.type}-edit-too-long`,
        `The new text is longer than one message of ${facts.label} can be.`,
        'Send the rest as a new message.',
        { errorClass: 'permanent' },
      );
    }
    await orPlain(postable(text), { raw: text }, async (said) => {
      await adapter.editMessage(threadId, messageId, said);
      return messageId;
    });
    return [];
  }

  async function card(
    request: DeliverRequest,
    threadId: string,
    element: NonNullable<ReturnType<typeof cardOf>>,
    fallbackText: string,
  ): Promise<string[]> {
    try {
      return [await post(threadId, { card: element, fallbackText }, null)];
    } catch (error) {
      if (judge(error).errorClass !== 'permanent') throw error;
      return sayAll(request, threadId, fallbackText);
    }
  }

  /**
   * A text that nobody has split yet; each of its messages has a key of its own. The last has that of the part: found
   * again in a history, it tells that those before it arrived as well.
   */
  async function sayAll(request: DeliverRequest, threadId: string, text: string): Promise<string[]> {
    const ids: string[] = [];
    const pieces = deps.splitText(text);
    for (const [index, piece] of pieces.entries()) {
      const key =
        index === pieces.length - 1
          ? request.idempotencyKey
          : shortHash(`${request.idempotencyKey}:${index}`, 24);
      const say = () =>
        deps.delivery.run({ ...request, idempotencyKey: key }, () =>
          orPlain(postable(piece), { raw: piece }, (said) => post(threadId, said, null)),
        );
      ids.push(await progress.step(request.idempotencyKey, `piece ${index}`, say));
    }
    progress.forget(request.idempotencyKey);
    return ids;
  }

  const judge = (error: unknown) => platform.classify?.(error) ?? channelErrorOf(error, facts);

  return {
    async deliver(request) {
      try {
        request.signal.throwIfAborted();
        const said = { ...request, part: imageless(request.part) };
        const work = deps.delivery.run(said, () => say(said));
        return { messageIds: await untilAborted(work, request.signal) };
      } catch (error) {
        const judged = judge(error);
        const harmless = request.part.type === 'edit' || request.part.type === 'reaction';
        // Doing these twice changes nothing, so that it need not be found out whether they arrived.
        throw harmless && judged.errorClass === 'unknown' ? asTransient(judged) : judged;
      }
    },
    async choice(questionId, value) {
      const values = await state.get<unknown>(choicesKey(questionId));
      const chosen: unknown = Array.isArray(values) ? values[Number(value)] : null;
      return typeof chosen === 'string' ? chosen : null;
    },
  };
}

/** Adapters throw this (through `classify`) when the text is fine and its markup is not. */
const MARKUP_REFUSED = 'markup-refused';
const isMarkupRefusal = (error: ChannelError) => error.code.endsWith(MARKUP_REFUSED);

const joinThreadId = (to: Address) => (to.threadId ? `${to.platformId}:${to.threadId}` : to.platformId);

const uploadOf = (file: OutboundFile) => ({ data: file.data, filename: file.name, mimeType: file.mimeType });

const asTransient = (error: ChannelError) =>
  new ChannelError(error.code, error.message, error.fix, { errorClass: 'transient', cause: error });

/** Rejects when the deadline is over: the request may have left by then, so its outcome is unknown. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason ?? new Error('the time for this delivery is over'));
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
