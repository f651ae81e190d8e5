import { z } from 'zod';
import { type Names, readable } from './names.js';
import type { Embed, Handed, Said } from './said.js';

/** Discord allows 40 components in a message, and five levels of them. */
const MOST_COMPONENTS = 200;
const DEEPEST = 8;

/** docs.discord.com/developers/components/reference */
const componentSchema = z.object({
  type: z.number().catch(0),
  content: z.string().catch(''),
  label: z.string().catch(''),
  placeholder: z.string().catch(''),
  description: z.string().nullish().catch(undefined),
  media: z.object({ url: z.string(), content_type: z.string().nullish() }).nullish().catch(undefined),
  file: z.object({ url: z.string() }).nullish().catch(undefined),
  name: z.string().catch(''),
  size: z.number().optional().catch(undefined),
  components: z.array(z.unknown()).catch([]),
  accessory: z.unknown().optional(),
  component: z.unknown().optional(),
  items: z.array(z.unknown()).catch([]),
});
const TEXT_DISPLAY = 10;
const BUTTON = 2;

const ACTIVITIES: Readonly<Record<number, string>> = {
  1: 'invitation to join',
  2: 'invitation to watch',
  3: 'invitation to listen',
  5: 'request to join',
  6: 'request to stream',
};

/** All that somebody said with a message, as one text: its own, and in brackets what has no words of its own. */
export function wordsOf(said: Said, names: Names): string {
  const shown = (text: string) => readable(text, names);
  const { lines } = componentsOf(said);
  const parts = [
    shown(said.content),
    ...lines.map(shown),
    ...ownEmbeds(said).map((embed) => embedOf(embed, shown)),
    pollOf(said),
    ...said.sticker_items.map(({ name }) => `[sticker ${name}]`),
    activityOf(said),
  ].filter((part) => part.trim() !== '');
  // What Discord shows of a link is nobody's words, but better than none.
  const instead = parts.length === 0 && said.attachments.length === 0 ? said.embeds : [];
  return [...parts, ...instead.map((embed) => embedOf(embed, shown))].join('\n\n');
}

/** For a message that says nothing that could be shown. */
export const placeholderOf = ({ type }: Said) =>
  `[a message of a kind that cannot be shown here: Discord's type ${type}]`;

/** Embeds that an app or a webhook made; those that Discord adds to a link have another type, or a provider. */
function ownEmbeds({ author, webhook_id, content, embeds }: Said): Embed[] {
  const own = embeds.filter(({ type, provider }) => type === 'rich' && !provider);
  // Of a message that was passed on it is not told who wrote it.
  if (!author) return own.filter(({ url }) => url === '' || !content.includes(url));
  return author.bot || webhook_id ? own : [];
}

function embedOf(embed: Embed, shown: (text: string) => string): string {
  const { author, title, description, url, fields, footer, image } = embed;
  const parts = [
    author?.name ?? '',
    title,
    description,
    ...fields.map(({ name, value }) => [name, value].filter((part) => part !== '').join(': ')),
    footer?.text ?? '',
    url,
    image?.url ?? '',
  ];
  const told = parts.map((part) => shown(part).trim()).filter((part) => part !== '');
  return told.length === 0 ? '' : `[embed: ${told.join(' – ')}]`;
}

function pollOf({ poll }: Said): string {
  if (!poll) return '';
  const told = ({
    text,
    emoji,
  }: {
    text: string;
    emoji?: { name?: string | null | undefined } | null | undefined;
  }) => [emoji?.name ?? '', text].filter((part) => part !== '').join(' ');
  return `[poll: ${told(poll.question)} – ${poll.answers.map(({ poll_media }) => told(poll_media)).join(' / ')}]`;
}

function activityOf({ activity, application }: Said): string {
  if (!activity) return '';
  return `[${ACTIVITIES[activity.type] ?? 'activity'}: ${application?.name || 'an activity'}]`;
}

/** Words and files in components, in the order in which they are shown. */
export function componentsOf({ components }: Said): { lines: string[]; files: Handed[] } {
  const lines: string[] = [];
  const files: Handed[] = [];
  let left = MOST_COMPONENTS;

  function read(raw: unknown, depth: number): void {
    left -= 1;
    const found = left >= 0 && depth <= DEEPEST ? componentSchema.safeParse(raw).data : undefined;
    if (!found) return;
    const { type, content, label, placeholder, description, media, file, name, size } = found;
    if (type === TEXT_DISPLAY && content) lines.push(content);
    else if (type === BUTTON && label) lines.push(`[button: ${label}]`);
    else if (label || placeholder) lines.push(`[choice: ${label || placeholder}]`);
    const url = media?.url ?? file?.url;
    if (description) lines.push(description);
    if (url) {
      const content_type = media?.content_type ?? undefined;
      files.push({ filename: name || nameIn(url), content_type, size, url });
    }
    for (const list of [found.components, found.items]) {
      for (const one of list.slice(0, Math.max(left, 0))) read(one, depth + 1);
    }
    for (const one of [found.accessory, found.component]) if (one) read(one, depth + 1);
  }

  for (const one of components.slice(0, MOST_COMPONENTS)) read(one, 0);
  return { lines, files };
}

const nameIn = (url: string) => /([^/?#]{1,100})(?:[?#]|$)/.exec(url)?.[1] ?? 'file';
