import type { InboundEvent } from '../channels/adapter.js';
import type { ChatContent, StoredAttachment, StoredSender } from '../db/content.js';
import type { NewMessage } from '../db/messages-in.js';
import type { Address } from '../db/types.js';
import { cutText } from './text.js';
import type { EngagedWiring, Intake } from './types.js';

const MAX_TEXT = 200_000;

export interface Kept {
  stored: StoredAttachment[];
  problems: string[];
}

/** The row of one session for an event. `now`: when the host took it in. */
export function messageRow(
  intake: Intake,
  target: { wiring: EngagedWiring; trigger: 0 | 1 },
  kept: Kept,
  now: number,
): NewMessage {
  const { event } = intake;
  const text = cutText(event.text, MAX_TEXT);
  const cut = text === event.text ? [] : [`The message was cut after ${text.length} characters.`];
  const sender: StoredSender = {
    id: event.sender.id,
    name: cutText(event.sender.name, 200),
    role: target.wiring.role,
  };
  const content: ChatContent = {
    text,
    chat: target.wiring.messagingGroup.name,
    event: event.kind,
    replyTo: event.replyTo,
    attachments: kept.stored,
    problems: [...intake.problems, ...cut, ...kept.problems],
    at: event.at,
  };
  return {
    kind: 'chat',
    trigger: target.trigger,
    address: addressOf(event),
    platformMessageId: event.messageId,
    sender,
    content,
    createdAt: now,
  };
}

/** Where the event was said, and nothing else of it. */
export function addressOf(event: InboundEvent): Address {
  const { channelType, platformId, threadId } = event;
  return { channelType, platformId, threadId };
}

/** Silent context takes no files along: nobody asked for them. */
export function withoutFiles(event: InboundEvent): Kept {
  const problems = event.attachments
    .slice(0, 10)
    .map((file) => `The attachment ${cutText(file.name, 100)} was not kept: nobody had called the agent.`);
  return { stored: [], problems };
}
