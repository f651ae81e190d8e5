import type { Attachment } from 'chat';
import { z } from 'zod';
import type { MessageDetails } from '../chat-sdk/platform.js';

const MOST = 50;
const MOST_TEXT = 100_000;
const told = z.string().optional().catch(undefined);
const attachmentsSchema = z.array(z.unknown()).catch([]);

/** developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages#Message.QuotedMessageMetadata */
const quotedSchema = z
  .object({
    name: told,
    lastUpdateTime: told,
    quoteType: told,
    quotedMessageSnapshot: z
      .object({ sender: told, text: told, formattedText: told, attachments: attachmentsSchema.optional() })
      .optional()
      .catch(undefined),
    forwardedMetadata: z.object({ space: told, spaceDisplayName: told }).optional().catch(undefined),
  })
  .optional()
  .catch(undefined);
const annotationSchema = z.object({
  userMention: z.object({ user: z.object({ name: z.string(), displayName: z.string() }) }),
});
export const wordsSchema = z.object({
  text: z.string().catch(''),
  formattedText: told,
  annotations: z.array(z.unknown()).catch([]),
  attachedGifs: z.array(z.unknown()).catch([]),
  cards: z.array(z.unknown()).catch([]),
  cardsV2: z.array(z.unknown()).catch([]),
  quotedMessageMetadata: quotedSchema,
});
type Words = z.infer<typeof wordsSchema>;

const gifSchema = z.object({ uri: z.string() });

/** All that a message says by itself: its text, its animations and its cards. */
export function textOf(message: Words): string {
  const said = message.text.trim() === '' ? named(message) : message.text;
  const gifs = message.attachedGifs.slice(0, MOST).flatMap((one) => gifSchema.safeParse(one).data?.uri ?? []);
  const cards = [...message.cardsV2, ...message.cards].slice(0, MOST).map(wordsOfCard);
  return [said, ...gifs.map((uri) => `[gif: ${uri}]`), ...cards]
    .filter((part) => part.trim() !== '')
    .join('\n\n');
}

/** The formatted text has ids of people, of whom the annotations tell the names. */
function named({ formattedText = '', annotations }: Words): string {
  const names = new Map<string, string>();
  for (const one of annotations.slice(0, MOST)) {
    const { user } = annotationSchema.safeParse(one).data?.userMention ?? {};
    if (user) names.set(user.name, user.displayName);
  }
  return formattedText.replace(/<(users\/[\w-]{1,64})>/g, (whole, id) => {
    const name = names.get(String(id));
    return name === undefined ? whole : `@${name}`;
  });
}

const DEEPEST = 16;
const MOST_PIECES = 1000;
const SHOWN = /^(?:title|subtitle|header|text|topLabel|bottomLabel|content|label|altText|contentAsHtml)$/;

/** The words of a card, a line each. */
export function wordsOfCard(card: unknown): string {
  const lines: string[] = [];
  let pieces = 0;
  let length = 0;
  function walk(value: unknown, name: string, depth: number): void {
    pieces += 1;
    if (depth > DEEPEST || pieces > MOST_PIECES || length > MOST_TEXT) return;
    if (typeof value === 'string' && SHOWN.test(name) && value.trim() !== '') {
      lines.push(plain(value));
      length += value.length;
    }
    if (Array.isArray(value)) for (const one of value.slice(0, 100)) walk(one, name, depth + 1);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value).slice(0, 100)) {
        // What a click does is not shown.
        if (key !== 'onClick' && key !== 'action') walk(one, key, depth + 1);
      }
    }
  }
  walk(card, '', 0);
  return lines.join('\n');
}

/** Texts of cards have a little HTML (…/chat/format-messages#card-formatting). */
const plain = (text: string) =>
  text
    .slice(0, MOST_TEXT)
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<a\s[^<>]{0,20}href="([^"<>]{1,2000})"[^<>]{0,200}>([^<>]{0,2000})<\/a>/gi, '[$2]($1)')
    .replace(/<\/?[a-z][^<>]{0,500}>/gi, '')
    .trim();

/** A message that another one answers or passes on. */
export interface Pointed {
  kind: 'reply' | 'forward';
  name: string | null;
  /** Null: Google has not sent it along. */
  text: string | null;
  /** A name, or the id of an account. */
  from: string;
  /** Where it was said before. */
  space: string;
  at: number | null;
  files: Attachment[];
}

export function pointedAt({ quotedMessageMetadata: quoted }: Words): Pointed | null {
  if (!quoted) return null;
  const { quotedMessageSnapshot: snapshot, forwardedMetadata, name = null } = quoted;
  const at = Date.parse(quoted.lastUpdateTime ?? '');
  return {
    ...{ kind: quoted.quoteType === 'FORWARD' || forwardedMetadata ? 'forward' : 'reply', name },
    text: snapshot?.text || snapshot?.formattedText || null,
    from: snapshot?.sender ?? '',
    space: forwardedMetadata?.spaceDisplayName ?? '',
    at: Number.isFinite(at) ? at : null,
    files: (snapshot?.attachments ?? []).slice(0, MOST).flatMap(fileOf),
  };
}

const fileSchema = z.object({
  contentName: z.string().optional(),
  contentType: z.string().optional(),
  attachmentDataRef: z.object({ resourceName: z.string() }).optional(),
});

function fileOf(given: unknown): Attachment[] {
  const found = fileSchema.safeParse(given).data;
  if (!found) return [];
  const { contentName = 'file', contentType = 'application/octet-stream', attachmentDataRef } = found;
  const fetchMetadata = attachmentDataRef ? { resourceName: attachmentDataRef.resourceName } : undefined;
  return [
    { type: 'file', name: contentName, mimeType: contentType, ...(fetchMetadata ? { fetchMetadata } : {}) },
  ];
}

const formInputsSchema = z.record(
  z.string(),
  z.looseObject({ stringInputs: z.looseObject({ value: z.array(z.string()) }).optional() }),
);

/** What a person has put into a card (…/reference/rest/v1/CommonEventObject#Inputs); null: nothing. */
export function wordsOfForm(inputs: unknown): string | null {
  const found = formInputsSchema.safeParse(inputs).data;
  const lines = Object.entries(found ?? {})
    .slice(0, MOST)
    .flatMap(([name, { stringInputs, ...others }]) => {
      const answer = stringInputs ? stringInputs.value.slice(0, MOST).join(', ') : JSON.stringify(others);
      return answer === '' ? [] : [`${name}: ${answer}`.slice(0, MOST_TEXT)];
    });
  return lines.length === 0 ? null : lines.join('\n');
}

export type Quoting = Pick<MessageDetails, 'quoted' | 'forwarded' | 'replyTo' | 'files' | 'problems'>;
