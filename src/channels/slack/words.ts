import { z } from 'zod';
import { listOf } from '../chat-sdk/lenient.js';
import { blocksText } from './blocks.js';
import { unescaped } from './markdown.js';

/**
 * What of a message bears words, besides its text (docs.slack.dev/reference/events/message and
 * docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments). Nothing in it makes a message one that
 * cannot be read.
 */
const text = z.string().catch('');
const flag = z.boolean().catch(false);

export const fileSchema = z.object({
  id: text,
  name: text,
  title: text,
  mimetype: z.string().optional().catch(undefined),
  size: z.number().optional().catch(undefined),
  mode: text,
  file_access: text,
  url_private: text,
});
export type SlackFile = z.infer<typeof fileSchema>;
const filesSchema = listOf(fileSchema, 20);
export const filesIn = (message: { files?: unknown }): SlackFile[] => filesSchema.parse(message.files);

const attachmentSchema = z.object({
  fallback: text,
  pretext: text,
  author_name: text,
  author_id: text,
  title: text,
  title_link: text,
  text,
  footer: text,
  image_url: text,
  fields: listOf(z.object({ title: text, value: text }), 100),
  blocks: z.unknown().optional(),
  message_blocks: listOf(z.object({ message: z.object({ blocks: z.unknown().optional() }) }), 20),
  files: filesSchema,
  is_share: flag,
  is_msg_unfurl: flag,
  is_app_unfurl: flag,
  from_url: text,
  original_url: text,
  channel_id: text,
  ts: z.string().optional().catch(undefined),
});
export type SlackAttachment = z.infer<typeof attachmentSchema>;

const bodySchema = z
  .object({
    text,
    blocks: z.unknown().optional(),
    attachments: listOf(attachmentSchema, 100),
    files: filesSchema,
  })
  .catch({ text: '', blocks: undefined, attachments: [], files: [] });

/** More than the router keeps, which tells what it cuts. */
const LONGEST = 300_000;

/** A message of another place that somebody shared or pointed at. */
export function sharedIn(message: unknown): SlackAttachment[] {
  return bodySchema.parse(message).attachments.filter((one) => one.is_share || one.is_msg_unfurl);
}

/** The words of a message that was shared, in Slack's markup. */
export function wordsOfShared(shared: SlackAttachment): string {
  const blocks = shared.message_blocks.map(({ message }) => blocksText(message.blocks)).filter(Boolean);
  return either(shared.text || (blocks.length === 0 ? shared.fallback : ''), blocks.join('\n\n'));
}

/** All that somebody said with a message, in Slack's markup. What Slack shows of a link is nobody's words. */
export function wordsOf(message: unknown): string {
  const { text, blocks, attachments, files } = bodySchema.parse(message);
  const own = attachments.filter(
    ({ is_share, is_msg_unfurl, is_app_unfurl, from_url, original_url }) =>
      !(is_share || is_msg_unfurl || is_app_unfurl || from_url || original_url),
  );
  const elsewhere = files.filter((file) => file.mode === 'external');
  const parts = [
    either(text, blocksText(blocks)),
    ...own.map(attached),
    ...elsewhere.map(({ title, name, url_private }) => `[file elsewhere: ${title || name} – ${url_private}]`),
  ];
  return parts
    .filter((part) => part.trim() !== '')
    .join('\n\n')
    .slice(0, LONGEST);
}

function attached(one: SlackAttachment): string {
  const { pretext, author_name, title, title_link, fields, footer, image_url, fallback } = one;
  const parts = [
    pretext,
    author_name,
    title_link ? `<${title_link.replace(/[<>|]/g, '')}|${title || title_link}>` : title,
    either(one.text, blocksText(one.blocks)),
    ...fields.map((field) => [field.title, field.value].filter((part) => part !== '').join(': ')),
    footer,
    image_url ? `[image: ${image_url}]` : '',
  ].filter((part) => part.trim() !== '');
  return parts.length > 0 ? parts.join('\n') : fallback;
}

/**
 * Text and blocks mostly say the same, of which the text has the marks that people wrote; what only one of them says
 * must not be lost.
 */
function either(text: string, blocks: string): string {
  if (blocks.trim() === '') return text;
  const [said, shown] = [lettersOf(text), lettersOf(blocks)];
  if (said.startsWith(shown) && text.trim() !== '') return text;
  if (shown.startsWith(said) || shown.endsWith(said)) return blocks;
  return `${text}\n\n${blocks}`;
}

/** Labels of ids are in texts only, and marks are not the same in both. */
const LABEL = /<([@#!][^<>|]*)\|[^<>]*>/g;
const lettersOf = (text: string) => unescaped(text.replace(LABEL, '<$1>')).replace(/[\s*_~`<>|•-]/g, '');
