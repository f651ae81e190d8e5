import type { CardElement } from 'chat';
import { z } from 'zod';
import { renderWhatsApp } from './markdown.js';

/** What an interactive message may have (developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-…). */
const MOST_BUTTONS = 3;
const LONGEST_BUTTON = 20;
const MOST_ROWS = 10;
const LONGEST_ROW = 24;
const LONGEST_DESCRIPTION = 72;
const LONGEST_BODY = 1024;

const textSchema = z.object({ type: z.literal('text'), content: z.string() });
const actionsSchema = z.object({ type: z.literal('actions'), children: z.array(z.unknown()) });
const buttonSchema = z.object({
  type: z.literal('button'),
  id: z.string(),
  value: z.string(),
  label: z.string(),
});
type Button = z.infer<typeof buttonSchema>;

/**
 * A question as WhatsApp's buttons, or as its list where they are more than three or their words too long. Null: it
 * cannot be put so, and is said as text.
 */
export function interactiveOf(card: CardElement): object | null {
  const texts = card.children.flatMap((child) => textSchema.safeParse(child).data?.content ?? []);
  const buttons = card.children
    .flatMap((child) => actionsSchema.safeParse(child).data?.children ?? [])
    .flatMap((child) => buttonSchema.safeParse(child).data ?? []);
  const titled = [...(card.title ? [`**${card.title}**`] : []), ...texts].join('\n\n');
  const body = renderWhatsApp(titled);
  if (buttons.length === 0 || body.trim() === '' || body.length > LONGEST_BODY) return null;
  const action = asButtons(buttons) ?? asList(buttons);
  return action && { ...action, body: { text: body } };
}

function asButtons(buttons: Button[]): object | null {
  if (buttons.length > MOST_BUTTONS || buttons.some(({ label }) => label.length > LONGEST_BUTTON))
    return null;
  if (!areDistinct(buttons.map(({ label }) => label))) return null;
  const shown = buttons.map((button) => ({
    type: 'reply',
    reply: { id: idOf(button), title: button.label },
  }));
  return { type: 'button', action: { buttons: shown } };
}

function asList(buttons: Button[]): object | null {
  if (buttons.length > MOST_ROWS) return null;
  if (buttons.some(({ label }) => label.length > LONGEST_DESCRIPTION)) return null;
  const rows = buttons.map((button) => {
    const { label } = button;
    const fits = label.length <= LONGEST_ROW;
    const title = fits ? label : `${label.slice(0, LONGEST_ROW - 1).trimEnd()}…`;
    return { id: idOf(button), title, ...(fits ? {} : { description: label }) };
  });
  if (!areDistinct(rows.map(({ title }) => title))) return null;
  return { type: 'list', action: { button: 'Choose', sections: [{ rows }] } };
}

const areDistinct = (words: string[]) => new Set(words).size === words.length;

/** In the form in which the adapter reads the answer. */
const idOf = ({ id, value }: Button) => `chat:${JSON.stringify({ a: id, v: value })}`;
