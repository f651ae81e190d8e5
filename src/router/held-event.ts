import { z } from 'zod';
import type { InboundEvent, Quoted } from '../channels/adapter.js';
import { changeHeld, findHeldSaid, type HeldMessage, removeHeld } from '../db/central/held-messages.js';
import type { CentralDb } from '../db/central/index.js';
import { parseStored } from '../db/stored-json.js';
import { jsonOf } from '../json.js';
import { isChange } from './message.js';
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
    quoted: z
      .object({
        text: z.string(),
        from: z.string(),
        messageId: z.string().nullable(),
        partial: z.boolean(),
      })
      .exactOptional(),
    forwarded: z.object({ text: z.string(), from: z.string(), at: z.number().nullable() }).exactOptional(),
    subject: z
      .object({
        kind: z.enum(['issue', 'pull-request', 'diff', 'mail']),
        title: z.string().nullable(),
        url: z.string().nullable(),
        path: z.string().nullable(),
        line: z.number().nullable(),
        text: z.string().nullable(),
      })
      .exactOptional(),
    album: z.string().exactOptional(),
    kind: z.enum(['edited', 'deleted']).exactOptional(),
    restored: z.literal(true).exactOptional(),
    editedBy: z.string().exactOptional(),
  })
  .strict();

/** What is kept of a message while it cannot be taken in: 4 kB of text and no attachments. `why` is for the agent. */
export function encodeHeld(event: InboundEvent, why = 'the chat was not registered yet'): string {
  let isCut = false;
  const within = (whole: string) => {
    const text = cutBytes(whole, MAX_TEXT_BYTES);
    isCut ||= text !== whole;
    return text;
  };
  const text = within(event.text);
  const { quoted, forwarded, subject, album, restored, editedBy } = event;
  const pointed = {
    ...(quoted
      ? { quoted: { ...omitFiles(quoted), text: within(quoted.text), from: quoted.from.slice(0, 200) } }
      : {}),
    ...(forwarded
      ? { forwarded: { ...forwarded, text: within(forwarded.text), from: forwarded.from.slice(0, 200) } }
      : {}),
    ...(subject
      ? {
          subject: {
            ...subject,
            title: subject.title?.slice(0, 500) ?? null,
            text: subject.text === null ? null : within(subject.text),
          },
        }
      : {}),
    ...(album === undefined ? {} : { album }),
    ...(isChange(event) ? { kind: event.kind } : {}),
    ...(restored ? { restored } : {}),
    ...(editedBy === undefined ? {} : { editedBy }),
  };
  const files = event.attachments.map(
    (file) => `The attachment ${file.name.slice(0, 100)} was not kept: ${why}.`,
  );
  const problems = [...(event.problems ?? []), ...files];
  if (isCut) problems.push(`The message was cut: ${why}.`);
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
    ...pointed,
  };
  return JSON.stringify(kept);
}

function omitFiles({ text, from, messageId, partial }: Quoted): Omit<Quoted, 'files'> {
  return { text, from, messageId, partial };
}

/** The event as it came, for the router. Throws a BadRowError. */
export function decodeHeld(held: HeldMessage): Omit<Intake, 'receivedAt'> {
  const kept = parseStored(heldEventSchema, held.event, `held message ${held.id}`);
  const { problems, quoted, kind = 'message', ...rest } = kept;
  const { channelType, platformId, platformMessageId: messageId } = held;
  return {
    event: {
      ...rest,
      ...(quoted ? { quoted: { ...quoted, files: [] } } : {}),
      channelType,
      platformId,
      messageId,
      kind,
      attachments: [],
    },
    problems,
    held: held.id,
  };
}

/**
 * Brings an edit or a deletion to the message where it waits. New words take the place of the old ones only where its author
 * wrote them; who deletes takes nothing but the message away. False: no such message waits.
 */
export function changeWhatWaits(db: CentralDb, event: InboundEvent): boolean {
  const held = isChange(event) && event.replyTo !== null ? findHeldSaid(db, event, event.replyTo) : null;
  if (!held) return false;
  if (event.kind === 'deleted') {
    removeHeld(db, held.id);
    return true;
  }
  const kept = heldEventSchema.safeParse(jsonOf(held.event)).data;
  if (!kept) return false;
  const isOwn = kept.sender.id === event.sender.id && (event.editedBy ?? event.sender.id) === event.sender.id;
  if (!isOwn) return false;
  const text = cutBytes(event.text, MAX_TEXT_BYTES);
  changeHeld(db, held.id, JSON.stringify({ ...kept, text }));
  return true;
}
