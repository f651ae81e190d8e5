import { z } from 'zod';
import type { InboundEvent } from '../channels/adapter.js';
import type { HeldMessage } from '../db/held-messages.js';
import { parseStored } from '../db/stored-json.js';
import { cutBytes } from './text.js';
import type { Intake } from './types.js';

const MAX_TEXT_BYTES = 4_096;

const heldEventSchema = z
  .object({
    threadId: z.string(),
    chatName: z.string(),
    isGroup: z.boolean(),
    mentioned: z.boolean(),
    sender: z.object({ id: z.string(), name: z.string(), isBot: z.boolean(), self: z.boolean() }),
    text: z.string(),
    replyTo: z.string().nullable(),
    at: z.number(),
    problems: z.array(z.string()),
  })
  .strict();

/** What is kept of a message while it cannot be taken in: 4 kB of text and no attachments. `why` is for the agent. */
export function encodeHeld(event: InboundEvent, why = 'the chat was not registered yet'): string {
  const text = cutBytes(event.text, MAX_TEXT_BYTES);
  const problems = event.attachments.map(
    (file) => `The attachment ${file.name.slice(0, 100)} was not kept: ${why}.`,
  );
  if (text !== event.text) problems.push(`The message was cut: ${why}.`);
  const { threadId, chatName, isGroup, mentioned, replyTo, at } = event;
  const sender = { ...event.sender, name: event.sender.name.slice(0, 200) };
  const kept: z.infer<typeof heldEventSchema> = {
    threadId,
    chatName: chatName.slice(0, 200),
    isGroup,
    mentioned,
    sender,
    text,
    replyTo,
    at,
    problems: problems.slice(0, 10),
  };
  return JSON.stringify(kept);
}

/** The event as it came, for the router. Throws a BadRowError. */
export function decodeHeld(held: HeldMessage): Omit<Intake, 'receivedAt'> {
  const kept = parseStored(heldEventSchema, held.event, `held message ${held.id}`);
  const { problems, ...rest } = kept;
  const { channelType, platformId, platformMessageId: messageId } = held;
  return {
    event: { ...rest, channelType, platformId, messageId, kind: 'message', attachments: [] },
    problems,
    held: true,
  };
}
