import { Actions, Button, Card, type CardElement, CardText, Field, Fields, LinkButton } from 'chat';
import { z } from 'zod';
import type { OutboundPart } from '../adapter.js';

/**
 * A card as an agent writes it. Whatever is not of this form is said by its fall-back text instead; so is a card
 * that the platform refuses.
 */
export const cardSchema = z
  .object({
    title: z.string().min(1).max(250).optional(),
    subtitle: z.string().max(1000).optional(),
    text: z.string().max(3500).optional(),
    /** Told in words: no platform is to load it. */
    imageUrl: z.url({ protocol: /^https?$/ }).optional(),
    fields: z
      .array(z.object({ label: z.string().min(1).max(200), value: z.string().min(1).max(1000) }))
      .max(20)
      .default([]),
    links: z
      .array(z.object({ label: z.string().min(1).max(80), url: z.url({ protocol: /^https?$/ }) }))
      .max(5)
      .default([]),
  })
  .strict();

export type CardFields = z.infer<typeof cardSchema>;

/** The Chat SDK's card for what an agent wrote, or null where it is none. */
export function cardOf(value: Record<string, unknown>): CardElement | null {
  const parsed = cardSchema.safeParse(value);
  if (!parsed.success) return null;
  const { title, subtitle, text, fields, links } = parsed.data;
  return Card({
    ...(title ? { title } : {}),
    ...(subtitle ? { subtitle } : {}),
    children: [
      ...(text ? [CardText(text)] : []),
      ...(fields.length > 0 ? [Fields(fields.map((field) => Field(field)))] : []),
      ...(links.length > 0 ? [Actions(links.map((link) => LinkButton(link)))] : []),
    ],
  });
}

/** The longest label that every platform shows on a button. */
const LONGEST_LABEL = 80;

type Question = Extract<OutboundPart, { type: 'question' }>;

/** A question as buttons. A button carries the option's number: platforms allow it 64 bytes and less. */
export function questionCard(part: Question): CardElement {
  const buttons = part.options.map((option, index) =>
    Button({ id: part.questionId, value: String(index), label: shorten(option.label, LONGEST_LABEL) }),
  );
  return Card({
    ...(part.title ? { title: shorten(part.title, 250) } : {}),
    children: [CardText(part.question), Actions(buttons)],
  });
}

const ANSWER_BY_NUMBER = 'Answer with a number.';

/** The question as text, for where buttons are refused. */
export function questionText(part: Question): string {
  const options = part.options.map((option, index) => `${index + 1}. ${option.label}`);
  const parts = [part.title && `**${part.title}**`, part.question, options.join('\n'), ANSWER_BY_NUMBER];
  return parts.filter(Boolean).join('\n\n');
}

function shorten(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`;
}
