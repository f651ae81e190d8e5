import type { OutboundPart } from '../adapter.js';
import { cardSchema, questionText } from '../chat-sdk/cards.js';
import { renderDiscordMarkdown } from './markdown.js';
import type { DiscordMessage } from './packets.js';

/** Is this message what Discord makes of that part? For a message of ours that has lost its key. */
export function isShownAs(message: DiscordMessage, part: OutboundPart): boolean {
  switch (part.type) {
    case 'text':
      return says(message, part.text) && message.attachments.length === part.files.length;
    case 'question':
      // Its buttons bear the question's id.
      return contains(message.components, part.questionId) || says(message, questionText(part));
    case 'card':
      return showsCard(message, part.card) || says(message, part.fallbackText);
    default:
      return false;
  }
}

/** The text as it was sent: in Discord's Markdown, or as it stands where that was refused. */
function says({ content }: DiscordMessage, text: string): boolean {
  return [renderDiscordMarkdown(text), text].some((sent) => sent.trim() === content.trim());
}

function showsCard({ embeds }: DiscordMessage, value: Record<string, unknown>): boolean {
  const card = cardSchema.safeParse(value).data;
  if (!card || embeds.length === 0) return false;
  return contains(embeds, card.title ?? card.text ?? '');
}

/** Does this text stand somewhere in there? */
const contains = (where: unknown, text: string) =>
  JSON.stringify(where).includes(JSON.stringify(text).slice(1, -1));
