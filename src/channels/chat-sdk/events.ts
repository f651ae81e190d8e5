import { Readable } from 'node:stream';
import type { ActionEvent, Attachment, Author, ReactionEvent } from 'chat';
import type { Clock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { shortHash } from '../../ids.js';
import type { Log } from '../../log/index.js';
import {
  editId,
  type InboundAttachment,
  type InboundEvent,
  type Sender,
  type ThreadRoot,
} from '../adapter.js';
import { type ChannelFacts, normalizePlatformId } from '../catalog/index.js';
import type { ChatNames } from './names.js';
import type { ChatSdkPlatform, Deleted, MessageDetails, ThreadMessage } from './platform.js';

export interface EventDeps {
  facts: ChannelFacts;
  platform: ChatSdkPlatform;
  names: ChatNames;
  clock: Clock;
  log: Log;
  /** What the button of a question stands for; null: it is no question of ours. */
  choice(actionId: string, value: string): Promise<string | null>;
}

/** A message of which the channel can tell nothing is not an empty one. */
const NOT_SHOWN = '[a message of a kind that cannot be shown here]';

/** A click or reaction, as far as the Chat SDK's events agree. */
type Acted = Pick<ReactionEvent, 'threadId' | 'messageId' | 'user' | 'raw'>;

/** Turns the Chat SDK's messages, reactions and clicks into events of the channel contract. */
export function createEventFactory(deps: EventDeps) {
  const { facts, platform } = deps;

  const addressOf = (threadId: string, message: ThreadMessage['message'] | null) => {
    const found = platform.addressOf?.(threadId, message) ?? splitThreadId(platform, threadId);
    return {
      channelType: facts.type,
      platformId: normalizePlatformId(facts.type, found.platformId),
      threadId: found.threadId,
    };
  };

  const isGroup = (threadId: string) => !(platform.adapter.isDM?.(threadId) ?? false);

  async function detailsOf(entry: ThreadMessage): Promise<MessageDetails> {
    try {
      return (await platform.details?.(entry)) ?? {};
    } catch (error) {
      deps.log.warn({ message: entry.message.id, reason: reasonOf(error) }, 'message details not understood');
      return {};
    }
  }

  async function message(entry: ThreadMessage): Promise<InboundEvent> {
    const { threadId, message } = entry;
    const details = await detailsOf(entry);
    const sender = senderOf(facts, message.author, details);
    const attachments = [...message.attachments, ...(details.files ?? [])].map(file);
    const { quoted, forwarded, subject, album } = details;
    const said = details.text ?? message.text;
    const isEmpty = said.trim() === '' && !forwarded;
    const instead = details.placeholder ?? (attachments.length === 0 ? NOT_SHOWN : '');
    return {
      ...addressOf(threadId, message),
      kind: details.service ? 'service' : 'message',
      messageId: message.id,
      chatName: details.chatName ?? (await deps.names.of(threadId, sender.name)),
      isGroup: isGroup(threadId),
      mentioned: details.mentioned ?? message.isMention === true,
      ...(details.calledAs ? { calledAs: details.calledAs } : {}),
      sender,
      text: isEmpty ? instead : said,
      replyTo: details.replyTo === undefined ? (message.replyTo?.id ?? null) : details.replyTo,
      attachments,
      ...(quoted ? { quoted: { ...quoted, files: (quoted.files ?? []).map(file) } } : {}),
      ...(forwarded ? { forwarded } : {}),
      ...(subject ? { subject } : {}),
      ...(details.root ? { root: rootOf(details.root) } : {}),
      ...(album === undefined ? {} : { album }),
      ...(details.problems ? { problems: details.problems } : {}),
      at: message.metadata.dateSent.getTime(),
    };
  }

  const file = (attachment: Attachment) => attachmentOf(platform, attachment);

  /** Several conversations may ask; the platform is asked once. */
  function rootOf(fetch: NonNullable<MessageDetails['root']>): NonNullable<InboundEvent['root']> {
    let fetched: Promise<ThreadRoot | null> | null = null;
    return () => {
      fetched ??= fetch().then((root) => root && { ...root, files: (root.files ?? []).map(file) });
      return fetched;
    };
  }

  /** The message as it is now, in place of what it was. */
  async function edited(entry: ThreadMessage, version: string, by?: string): Promise<InboundEvent> {
    const { quoted, forwarded, subject, root, album, ...event } = await message(entry);
    if (event.kind === 'service') return event;
    const text = event.text === NOT_SHOWN && forwarded ? forwarded.text : event.text;
    // Platforms count in seconds: within one there may be two.
    const id = editId(event.messageId, `${version}-${shortHash(text, 8)}`);
    const editedBy = by === undefined ? {} : { editedBy: `${facts.type}:${by}` };
    return {
      ...event,
      ...editedBy,
      kind: 'edited',
      messageId: id,
      text,
      replyTo: event.messageId,
      attachments: [],
    };
  }

  const restored = async (entry: ThreadMessage, version: string): Promise<InboundEvent> => ({
    ...(await edited(entry, version)),
    restored: true,
  });

  async function deleted(gone: Deleted): Promise<InboundEvent> {
    const sender = { id: `${facts.type}:${gone.userId}`, name: gone.userName || gone.userId };
    return {
      ...addressOf(gone.threadId, null),
      kind: 'deleted',
      messageId: `deleted:${gone.messageId}`,
      chatName: await deps.names.of(gone.threadId, sender.name),
      isGroup: isGroup(gone.threadId),
      mentioned: false,
      sender: { ...sender, isBot: false, self: false },
      text: '',
      replyTo: gone.messageId,
      attachments: [],
      at: gone.at,
    };
  }

  async function acted(
    event: Acted,
    kind: 'reaction' | 'click',
    id: string,
    text: string,
  ): Promise<InboundEvent> {
    const sender = senderOf(facts, event.user);
    return {
      ...addressOf(event.threadId, null),
      kind,
      messageId: id,
      chatName: await deps.names.of(event.threadId, sender.name),
      isGroup: isGroup(event.threadId),
      mentioned: false,
      sender,
      text,
      replyTo: event.messageId,
      attachments: [],
      at: deps.clock.now(),
    };
  }

  return {
    addressOf,
    message,
    edited,
    restored,
    deleted,
    reaction: (event: ReactionEvent) =>
      acted(
        event,
        'reaction',
        `reaction:${event.messageId}:${event.user.userId}:${event.rawEmoji}`,
        event.rawEmoji,
      ),
    async click(event: ActionEvent): Promise<InboundEvent> {
      const value = event.value ?? event.actionId;
      const id =
        platform.clickId?.(event.raw) ?? `${event.messageId}:${event.user.userId}:${event.actionId}:${value}`;
      const text = (await deps.choice(event.actionId, value)) ?? value;
      return acted(event, 'click', `click:${id}`, text);
    },
  };
}

export type EventFactory = ReturnType<typeof createEventFactory>;

function splitThreadId(platform: ChatSdkPlatform, threadId: string) {
  const platformId = platform.adapter.channelIdFromThreadId(threadId);
  return { platformId, threadId: threadId.slice(platformId.length).replace(/^:/, '') };
}

function senderOf(
  facts: ChannelFacts,
  author: Author,
  { senderId, senderName, isBot }: Pick<MessageDetails, 'senderId' | 'senderName' | 'isBot'> = {},
): Sender {
  return {
    id: `${facts.type}:${senderId ?? author.userId}`,
    name: senderName || author.fullName || author.userName || author.userId,
    isBot: isBot ?? author.isBot === true,
    self: author.isMe,
  };
}

function attachmentOf(platform: ChatSdkPlatform, attachment: Attachment): InboundAttachment {
  return {
    name: attachment.name ?? attachment.type,
    mimeType: attachment.mimeType ?? 'application/octet-stream',
    size: attachment.size ?? null,
    async open() {
      if (platform.openAttachment) return platform.openAttachment(attachment);
      const data = await attachment.fetchData?.();
      if (!data) throw new Error('the platform gives no way to download it');
      return Readable.from([Buffer.isBuffer(data) ? data : Buffer.from(data)]);
    },
  };
}
