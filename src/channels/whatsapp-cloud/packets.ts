import type { WhatsAppRawMessage } from '@chat-adapter/whatsapp';
import { z } from 'zod';
import { jsonOf } from '../../json.js';
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
  /** How many messages were not understood. */
  strange: number;
}

/** The changes in a body, or null where it is none of Meta's. */
export function changesIn(body: string): { field: string; value: unknown }[] | null {
  const payload = payloadSchema.safeParse(jsonOf(body)).data;
  return payload ? payload.entry.flatMap((entry) => entry.changes) : null;
}

export function readChange(value: unknown): Told | null {
  const change = valueSchema.safeParse(value).data;
  if (!change) return null;
  const contacts = change.contacts.flatMap((one) => contactSchema.safeParse(one).data ?? []);
  const messages = change.messages.flatMap((one) => messageSchema.safeParse(one).data ?? []);
  return {
    phoneNumberId: change.metadata.phone_number_id,
    messages: messages.map((inbound) => ({ inbound, contact: contactOf(inbound, contacts) })),
    statuses: change.statuses.flatMap((one) => statusSchema.safeParse(one).data ?? []),
    strange: change.messages.length - messages.length,
  };
}

/** Only one contact is told where one person wrote. */
function contactOf({ from, from_user_id }: Inbound, contacts: Contact[]): Contact | undefined {
  const same = ({ wa_id, user_id }: Contact) =>
    (from_user_id !== undefined && user_id === from_user_id) || (from !== undefined && wa_id === from);
  return contacts.find(same) ?? (contacts.length === 1 ? contacts[0] : undefined);
}

/** What the adapter's message leaves out: the words under a picture, and what is answered. */
const captionShape = z.object({ caption: text }).optional();
export const rawSchema = z.object({
  message: z.object({
    type: z.string(),
    context: z.object({ id: text }).optional(),
    image: captionShape,
    document: captionShape,
    video: captionShape,
  }),
});

const cardsSchema = z.object({
  contacts: z.array(
    z.object({
      name: z.object({ formatted_name: z.string() }),
      phones: z.array(z.object({ phone: z.string().default('') })).default([]),
      emails: z.array(z.object({ email: z.string().default('') })).default([]),
    }),
  ),
});

/** Contact cards as text; null where the message has none. */
export function cardsIn(message: unknown): string | null {
  const cards = cardsSchema.safeParse(message).data?.contacts;
  if (!cards) return null;
  const shown = cards.map(({ name, phones, emails }) => {
    const ways = [...phones.map(({ phone }) => phone), ...emails.map(({ email }) => email)];
    return [name.formatted_name, ...ways].filter(Boolean).join(', ');
  });
  return `[Contact: ${shown.join('; ')}]`;
}

/** A click as the adapter is given it (`adapter.ts`). */
export const clickSchema = z.object({ clickId: z.string() });
