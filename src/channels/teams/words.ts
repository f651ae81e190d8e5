import { z } from 'zod';
import { jsonOf } from '../../json.js';
import type { MessageDetails } from '../chat-sdk/platform.js';
import { isCard, isWords, wordsOfCard, wordsOfForm } from './cards.js';
import { type Inner, withoutInner, wordsOfHtml } from './html.js';
import { momentOf, quoteOf, type TeamsActivity, textOf } from './packets.js';

const MOST_ATTACHMENTS = 50;

const attachmentSchema = z.object({
  contentType: z.string(),
  content: z.unknown().optional(),
  contentUrl: z.string().nullish().catch(null),
});
type Attachment = z.infer<typeof attachmentSchema>;

const told = z.string().nullish().catch(null);
const personSchema = z
  .object({
    user: z.object({ id: told, displayName: told }).nullish().catch(null),
    application: z.object({ id: told, displayName: told }).nullish().catch(null),
  })
  .nullish()
  .catch(null);
/** learn.microsoft.com/graph/api/resources/chatmessageattachment: what these two kinds have as their content. */
const referenceSchema = z.object({
  messageId: told,
  messagePreview: told,
  messageSender: personSchema,
  originalMessageId: told,
  originalMessageContent: told,
  originalMessageSender: personSchema,
  originalSentDateTime: told,
});

export interface TeamsWords
  extends Pick<MessageDetails, 'quoted' | 'forwarded' | 'placeholder' | 'problems'> {
  text: string;
  /** Whose message it answers, where Teams tells. */
  answered: string;
}

/** What the sender says, and what of others stands in it. Runs in the parser process. */
export function wordsOf(activity: TeamsActivity): TeamsWords {
  const attachments = attachmentsOf(activity);
  const html = htmlOf(attachments);
  const { own, inner } = withoutInner(html);
  const pictures = !attachments.some(({ contentType }) => contentType.startsWith('image/'));
  const others = [...inner, ...attachments.flatMap((one) => referenceOf(one) ?? [])];
  const cards = attachments.filter(({ contentType }) => isCard(contentType));
  // The plain text has the words of others before those of the sender, and no mark between them.
  const said = inner.length > 0 ? wordsOfHtml(own, pictures) : textOf(activity) || wordsOfHtml(own, pictures);
  const shown = cards.map(({ content }) => wordsOfCard(content)).filter((words) => words !== '');
  const text = [said || (wordsOfForm(activity.value) ?? ''), ...shown].filter(Boolean).join('\n\n');
  const quoted = quotedIn(activity, others);
  const forwarded = forwardedIn(others);
  return {
    text,
    answered: quoted?.senderId ?? '',
    placeholder: placeholderOf(activity, cards),
    ...(quoted ? { quoted: quoted.quoted } : {}),
    ...(forwarded ? { forwarded } : {}),
    ...(quoted && /(?:…|\.\.\.)$/.test(quoted.quoted.text)
      ? { problems: ['Of the message that it answers Teams tells the beginning only.'] }
      : {}),
  };
}

function attachmentsOf(activity: TeamsActivity): Attachment[] {
  const given: unknown = activity.attachments;
  if (!Array.isArray(given)) return [];
  return given.slice(0, MOST_ATTACHMENTS).flatMap((one) => attachmentSchema.safeParse(one).data ?? []);
}

function htmlOf(attachments: readonly Attachment[]): string {
  const found = attachments.find(({ contentType, contentUrl }) => contentType === 'text/html' && !contentUrl);
  return typeof found?.content === 'string' ? found.content : '';
}

/** A message that is named as an attachment. */
function referenceOf({ contentType, content }: Attachment): Inner | null {
  if (isCard(contentType) || !isWords(contentType)) return null;
  const found = referenceSchema.safeParse(typeof content === 'string' ? jsonOf(content) : content).data;
  if (!found) return null;
  const forwards = contentType === 'forwardedMessageReference';
  const sender = forwards ? found.originalMessageSender : found.messageSender;
  const person = sender?.user ?? sender?.application;
  const messageId = (forwards ? found.originalMessageId : found.messageId) ?? '';
  return {
    ...{ kind: forwards ? 'forward' : 'reply', messageId, senderId: person?.id ?? '' },
    ...{ from: person?.displayName ?? '', at: momentOf(found.originalSentDateTime) ?? momentOf(messageId) },
    html: (forwards ? found.originalMessageContent : found.messagePreview) ?? '',
  };
}

function quotedIn(activity: TeamsActivity, others: readonly Inner[]) {
  const named = quoteOf(activity);
  const replies = others.filter(({ kind }) => kind === 'reply');
  const [first] = replies;
  // The entity tells it best; in the HTML of the same message it stands once more.
  if (named?.preview) {
    const quoted = {
      text: named.preview,
      from: named.senderName,
      messageId: named.messageId,
      partial: false,
    };
    return { quoted, senderId: named.senderId };
  }
  if (!first) return null;
  const { text, from } = joined(replies);
  const messageId = named?.messageId ?? (first.messageId || null);
  return { quoted: { text, from, messageId, partial: false }, senderId: named?.senderId || first.senderId };
}

function forwardedIn(others: readonly Inner[]): MessageDetails['forwarded'] | null {
  const passed = others.filter(({ kind }) => kind === 'forward');
  return passed.length === 0 ? null : { ...joined(passed), at: passed[0]?.at ?? null };
}

/** Several at once are one text, in which each names its writer. */
function joined(inner: readonly Inner[]): { text: string; from: string } {
  const words = inner.map(({ html }) => wordsOfHtml(html, true));
  const [only = ''] = words;
  if (words.length === 1) return { text: only, from: inner[0]?.from ?? '' };
  const from = [...new Set(inner.map((one) => one.from).filter(Boolean))].join(', ');
  return { text: words.map((text, at) => `${inner[at]?.from || '?'}: ${text}`).join('\n\n'), from };
}

function placeholderOf({ value }: TeamsActivity, cards: readonly Attachment[]): string {
  const [card] = cards;
  if (card) return `[a card without words: ${card.contentType.split('.').at(-1)}]`;
  return value === undefined ? '[a message without words]' : '[a form without answers]';
}
