import { z } from 'zod';
import { escapeSlackText } from './markdown.js';

/**
 * Blocks as Slack's own markup (docs.slack.dev/reference/block-kit/blocks), so that names are put into them as into any
 * text. A block of a kind that is newer than this is read by the members that all kinds share.
 */
const recordSchema = z.record(z.string(), z.unknown());
type Block = z.infer<typeof recordSchema>;

/** Slack takes 50 blocks of some thousand characters, and tables of 2000 cells. */
const MOST_NODES = 20_000;
const DEEPEST = 10;
const LONGEST = 200_000;
const CUT = '\n\n[what followed was too much to be read]';

interface Left {
  nodes: number;
  characters: number;
}

export function blocksText(blocks: unknown): string {
  const left: Left = { nodes: MOST_NODES, characters: LONGEST };
  const text = joined(listOf(blocks), '\n\n', left, 0);
  return left.nodes > 0 && left.characters > 0 ? text : text + CUT;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function joined(values: readonly unknown[], separator: string, left: Left, depth: number): string {
  const parts: string[] = [];
  for (const value of values) {
    if (left.nodes <= 0 || left.characters <= 0) break;
    const part = textOf(value, left, depth);
    if (part !== '') parts.push(part);
  }
  return parts.join(separator);
}

function textOf(value: unknown, left: Left, depth: number): string {
  left.nodes -= 1;
  if (left.nodes < 0 || depth > DEEPEST) return '';
  if (typeof value === 'string') return taken(value, left);
  const block = recordSchema.safeParse(value).data;
  if (!block) return '';
  const type = stringOf(block.type);
  const read = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  return (read ?? anyKind)(block, left, depth + 1);
}

function taken(text: string, left: Left): string {
  const part = text.slice(0, Math.max(left.characters, 0));
  left.characters -= part.length;
  return part;
}

type Read = (block: Block, left: Left, depth: number) => string;

/** What a person reads of a block, wherever its kind has it. */
const SHOWN = [
  'title',
  'subtitle',
  'label',
  'text',
  'hint',
  'description',
  'body',
  'subtext',
  'details',
  'output',
];
const WITHIN = ['fields', 'elements', 'rows', 'tasks', 'accessory', 'element', 'actions', 'images'];

function anyKind(block: Block, left: Left, depth: number): string {
  const shown = SHOWN.map((name) => textOf(block[name], left, depth));
  const within = WITHIN.map((name) => {
    const value = block[name];
    return Array.isArray(value) ? joined(value, '\n', left, depth) : textOf(value, left, depth);
  });
  return [...shown, ...within].filter((part) => part !== '').join('\n');
}

const named =
  (name: string, members: readonly string[]): Read =>
  (block, left, depth) => {
    const told = members.map((member) => textOf(block[member], left, depth)).filter((part) => part !== '');
    return told.length === 0 ? '' : `[${name}: ${told.join(' – ')}]`;
  };

const within =
  (separator: string): Read =>
  (block, left, depth) =>
    joined(listOf(block.elements), separator, left, depth);

/** The text of a rich text is literal: its signs are no markup. */
function styled(literal: string, { style }: Block): string {
  const { bold, italic, strike, code } = recordSchema.safeParse(style).data ?? {};
  const text = escapeSlackText(literal);
  const marks = [code && '`', strike && '~', italic && '_', bold && '*'].filter(
    (mark) => typeof mark === 'string',
  );
  if (marks.length === 0 || text.trim() === '') return text;
  const before = text.slice(0, text.length - text.trimStart().length);
  const after = text.slice(text.trimEnd().length);
  return before + marks.reduce((marked, mark) => mark + marked + mark, text.trim()) + after;
}

const id = (value: unknown): string => stringOf(value).replace(/\W/g, '');

const KINDS: Readonly<Record<string, Read>> = {
  // Text objects (docs.slack.dev/reference/block-kit/composition-objects/text-object).
  mrkdwn: ({ text }, left) => taken(stringOf(text), left),
  plain_text: ({ text }, left) => taken(stringOf(text), left),
  raw_text: ({ text }, left) => escapeSlackText(taken(stringOf(text), left)),
  header: ({ text }, left, depth) => {
    const title = textOf(text, left, depth);
    return title === '' ? '' : `*${title}*`;
  },
  context: within(' '),
  divider: () => '',
  markdown: ({ text }, left) => escapeSlackText(taken(stringOf(text), left)),
  image: named('image', ['title', 'alt_text']),
  video: named('video', ['title', 'description', 'alt_text', 'title_url']),
  file: named('file', ['external_id']),
  button: named('button', ['text']),
  workflow_button: named('button', ['text']),
  static_select: named('choice', ['placeholder']),
  call: named('call', ['call_id']),
  table: rowsOf,
  data_table: rowsOf,
  // Rich text (docs.slack.dev/reference/block-kit/blocks/rich-text-block).
  rich_text: within('\n'),
  rich_text_section: within(''),
  rich_text_list: ({ elements, style, indent }, left, depth) =>
    listOf(elements)
      .slice(0, Math.max(left.nodes, 0))
      .map((item, at) => {
        const mark = style === 'ordered' ? `${at + 1}.` : '-';
        const deep = typeof indent === 'number' ? Math.min(Math.max(Math.trunc(indent), 0), 8) : 0;
        return `${'  '.repeat(deep)}${mark} ${textOf(item, left, depth)}`;
      })
      .join('\n'),
  rich_text_quote: (block, left, depth) =>
    within('')(block, left, depth)
      .split('\n')
      .map((line) => `&gt; ${line}`)
      .join('\n'),
  rich_text_preformatted: (block, left, depth) => `\`\`\`\n${within('')(block, left, depth)}\n\`\`\``,
  text: (block, left) => styled(taken(stringOf(block.text), left), block),
  link: ({ url, text }, left) => {
    const target = taken(stringOf(url), left).replace(/[<>|]/g, encodeURIComponent);
    const label = escapeSlackText(taken(stringOf(text), left));
    return label === '' ? `<${target}>` : `<${target}|${label}>`;
  },
  user: ({ user_id }) => `<@${id(user_id)}>`,
  usergroup: ({ usergroup_id }) => `<!subteam^${id(usergroup_id)}>`,
  channel: ({ channel_id }) => `<#${id(channel_id)}>`,
  team: ({ team_id }) => id(team_id),
  broadcast: ({ range }) => `@${id(range)}`,
  emoji: ({ name }) => `:${stringOf(name).slice(0, 100)}:`,
  color: ({ value }) => stringOf(value).slice(0, 20),
  date: ({ timestamp, fallback }, left) =>
    escapeSlackText(taken(stringOf(fallback), left)) || momentOf(timestamp),
};

/** Slack's times are seconds. */
export function momentOf(seconds: unknown): string {
  const at = new Date(Number(seconds) * 1000);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().replace('.000Z', 'Z');
}

function rowsOf({ rows }: Block, left: Left, depth: number): string {
  return listOf(rows)
    .slice(0, Math.max(left.nodes, 0))
    .map((row) => {
      const cells = listOf(row).slice(0, Math.max(left.nodes, 0));
      return `| ${cells.map((cell) => textOf(cell, left, depth).replaceAll('\n', ' ')).join(' | ')} |`;
    })
    .join('\n');
}
