import type { WhatsAppRawMessage } from '@chat-adapter/whatsapp';
import { z } from 'zod';
import { jsonOf } from '../../json.js';
import type { Packet } from '../chat-sdk/guard.js';
import { statusSchema, type WhatsAppStatus } from './statuses.js';

/** What Meta calls with (developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components), checked at the border. */
const payloadSchema = z.object({
  entry: z.array(
    z.object({ changes: z.array(z.object({ field: z.string(), value: z.unknown() })).default([]) }),
  ),
});

type Inbound = WhatsAppRawMessage['message'];
type Contact = NonNullable<WhatsAppRawMessage['contact']>;

const text = z.string().optional();
const contactShape = z.object({ profile: z.object({ name: z.string() }), wa_id: text, user_id: text });
const mediaShape = z.object({ id: z.string(), mime_type: z.string() }).optional();
const messageShape = z.object({
  id: z.string().min(1),
  timestamp: z.string().regex(/^\d{1,12}$/),
  type: z.string(),
  from: text,
  from_user_id: text,
  text: z.object({ body: z.string() }).optional(),
  image: mediaShape,
  document: mediaShape,
  audio: mediaShape,
  video: mediaShape,
  voice: mediaShape,
  sticker: mediaShape,
  reaction: z.object({ message_id: z.string(), emoji: z.string().default('') }).optional(),
  interactive: z.object({ type: z.string() }).optional(),
});

/** The same, as the adapter's own types; what cannot be read is left out. */
const contactSchema = z.custom<Contact>((value) => contactShape.safeParse(value).success);
const messageSchema = z.custom<Inbound>((value) => messageShape.safeParse(value).success);

const valueSchema = z.object({
  metadata: z.object({ phone_number_id: z.string() }),
  contacts: z.array(z.unknown()).default([]),
  messages: z.array(z.unknown()).default([]),
  statuses: z.array(z.unknown()).default([]),
});

/** What a change of the field `messages` tells, in its order. */
export interface Told {
  phoneNumberId: string;
  messages: { inbound: Inbound; contact: Contact | undefined }[];
  statuses: WhatsAppStatus[];
  /** What is no message that can be read. */
  strange: unknown[];
  /** How many were said in groups. */
  inGroups: number;
}

/** The changes in a body, or null where it is none of Meta's. */
export function changesIn(body: string): { field: string; value: unknown }[] | null {
  const payload = payloadSchema.safeParse(jsonOf(body)).data;
  return payload ? payload.entry.flatMap((entry) => entry.changes) : null;
}

/**
 * A message of a group names it (…/whatsapp/webhooks/reference/messages/group). Its sender has not written to the bot
 * alone, whatever `from` looks like.
 */
const groupSchema = z.object({ group_id: z.unknown().refine((id) => id !== undefined && id !== null) });
const isInGroup = (message: unknown): boolean => groupSchema.safeParse(message).success;

export function readChange(value: unknown): Told | null {
  const change = valueSchema.safeParse(value).data;
  if (!change) return null;
  const contacts = change.contacts.flatMap((one) => contactSchema.safeParse(one).data ?? []);
  const direct = change.messages.filter((one) => !isInGroup(one));
  const messages = direct.flatMap((one) => messageSchema.safeParse(one).data ?? []);
  return {
    phoneNumberId: change.metadata.phone_number_id,
    messages: messages.map((inbound) => ({ inbound, contact: contactOf(inbound, contacts) })),
    statuses: change.statuses.flatMap((one) => statusSchema.safeParse(one).data ?? []),
    inGroups: change.messages.length - direct.length,
    strange: direct.filter((one) => !messageSchema.safeParse(one).success),
  };
}

const told = z.string().optional().catch(undefined);
const unreadSchema = z.object({ id: told, from: told, from_user_id: told, timestamp: told }).catch({});

/** What is told of a message before it is read. */
export function packetOf(phoneNumberId: string, message: unknown, contact?: Contact): Packet {
  const { id, from, from_user_id, timestamp } = unreadSchema.parse(message);
  const userId = from ?? from_user_id;
  return {
    platformId: userId && `whatsapp:${phoneNumberId}:${userId}`,
    messageId: id,
    senderId: userId,
    at: Number(timestamp) * 1000,
    raw: { message, contact, phoneNumberId },
  };
}

/** Throws what is wrong with a message that cannot be read. */
export const checkMessage = (message: unknown): void => void messageShape.parse(message);

/** A message that was kept, as `packetOf` and the adapter have it. */
export const keptSchema = z.object({
  message: messageSchema,
  contact: contactSchema.optional().catch(undefined),
  phoneNumberId: z.string(),
});

/** Only one contact is told where one person wrote. */
function contactOf({ from, from_user_id }: Inbound, contacts: Contact[]): Contact | undefined {
  const same = ({ wa_id, user_id }: Contact) =>
    (from_user_id !== undefined && user_id === from_user_id) || (from !== undefined && wa_id === from);
  return contacts.find(same) ?? (contacts.length === 1 ? contacts[0] : undefined);
}

const buttonSchema = z.object({ id: z.string().startsWith('chat:') });
const choiceSchema = z.object({
  interactive: z.union([z.object({ button_reply: buttonSchema }), z.object({ list_reply: buttonSchema })]),
});

/** Whether a button or a row of a question of ours was chosen (`questions.ts`): others are what the person says. */
export const isChoice = (message: unknown): boolean => choiceSchema.safeParse(message).success;

/**
 * What becomes of a message: Meta tells it where the number is used in the WhatsApp Business app as well
 * (developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/edit, …/revoke).
 */
const editSchema = z.object({
  type: z.literal('edit'),
  timestamp: z.string(),
  edit: z.object({ original_message_id: z.string().min(1), message: z.looseObject({ type: z.string() }) }),
});
const revokeSchema = z.object({
  type: z.literal('revoke'),
  revoke: z.object({ original_message_id: z.string().min(1) }),
});

/** The message as it is now, and what tells this edit from the next; null: it is no edit. */
export function editIn(inbound: Inbound): { now: Inbound; version: string } | null {
  const told = editSchema.safeParse(inbound).data;
  if (!told) return null;
  const { original_message_id: id, message } = told.edit;
  const { from, from_user_id, timestamp } = inbound;
  const now = messageSchema.safeParse({ ...message, id, from, from_user_id, timestamp }).data;
  return now ? { now, version: told.timestamp } : null;
}

/** The id of the message that is gone. */
export const revokedIn = (inbound: Inbound): string | null =>
  revokeSchema.safeParse(inbound).data?.revoke.original_message_id ?? null;

/** A click as the adapter is given it (`adapter.ts`). */
export const clickSchema = z.object({ clickId: z.string() });
