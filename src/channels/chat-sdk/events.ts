import { Readable } from 'node:stream';
import type { ActionEvent, Attachment, Author, ReactionEvent } from 'chat';
import type { Clock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log.js';
import type { InboundAttachment, InboundEvent, Sender } from '../adapter.js';
import { type ChannelFacts, normalizePlatformId } from '../catalog.js';
import type { ChatNames } from './names.js';
import type { ChatSdkPlatform, MessageDetails, ThreadMessage } from './platform.js';

export interface EventDeps {
  facts: ChannelFacts;
  platform: ChatSdkPlatform;
  names: ChatNames;
  clock: Clock;
  log: Log;
  /** What the button of a question stands for; null: it is no question of ours. */
  choice(actionId: string, value: string): Promise<string | null>;
}

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
    return {
      ...addressOf(threadId, message),
      kind: 'message',
      messageId: message.id,
      chatName: details.chatName ?? (await deps.names.of(threadId, sender.name)),
      isGroup: isGroup(threadId),
      mentioned: details.mentioned ?? message.isMention === true,
      ...(details.calledAs ? { calledAs: details.calledAs } : {}),
      sender,
      text: details.text ?? message.text,
      replyTo: details.replyTo ?? message.replyTo?.id ?? null,
      attachments: message.attachments.map((attachment) => attachmentOf(platform, attachment)),
      at: message.metadata.dateSent.getTime(),
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
  { senderName, isBot }: Pick<MessageDetails, 'senderName' | 'isBot'> = {},
): Sender {
  return {
    id: `${facts.type}:${author.userId}`,
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
