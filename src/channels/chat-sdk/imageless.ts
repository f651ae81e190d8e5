import type { OutboundPart } from '../adapter.js';
import { withoutImages } from '../images/index.js';
import { type CardFields, cardSchema } from './cards.js';

/**
 * The part as it is said: whatever would be loaded by being shown stands in it as a link or as text. This is done here,
 * once, for every text of every kind of part, before a platform's own adapter puts it in its form.
 */
export function imageless(part: OutboundPart): OutboundPart {
  switch (part.type) {
    case 'text':
    case 'edit':
      return { ...part, text: withoutImages(part.text) };
    case 'question':
      return {
        ...part,
        title: withoutImages(part.title),
        question: withoutImages(part.question),
        options: part.options.map((option) => ({ ...option, label: withoutImages(option.label) })),
      };
    case 'card': {
      // What is none is said by its fall-back text.
      const fields = cardSchema.safeParse(part.card).data;
      const card = fields ? cardWithout(fields) : part.card;
      return { ...part, card, fallbackText: withoutImages(part.fallbackText) };
    }
    case 'reaction':
      return part;
  }
}

/** The address of its image is told below its text. */
function cardWithout({ imageUrl, ...card }: CardFields): CardFields {
  const shown = [card.text && withoutImages(card.text), imageUrl && `Image: ${imageUrl}`];
  const text = shown.filter(Boolean).join('\n\n');
  return {
    ...card,
    ...(card.title && { title: withoutImages(card.title) }),
    ...(card.subtitle && { subtitle: withoutImages(card.subtitle) }),
    ...(text && { text }),
    fields: card.fields.map(({ label, value }) => ({
      label: withoutImages(label),
      value: withoutImages(value),
    })),
    links: card.links.map(({ label, url }) => ({ label: withoutImages(label), url })),
  };
}
