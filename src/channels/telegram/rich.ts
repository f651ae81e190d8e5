import { z } from 'zod';

/** What Telegram takes of each (core.telegram.org/bots/api#rich-message-limits). */
const DEEPEST = 16;
const MOST_NODES = 5000;

const nodeSchema = z.record(z.string(), z.unknown());

/**
 * The words of a rich message as Markdown (core.telegram.org/bots/api#richmessage): its blocks may stand in each other.
 * A kind of block that is not known is read by the fields that all of them have.
 */
export function richWords(message: unknown): string {
  let left = MOST_NODES;

  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, MOST_NODES) : []);
  const fields = (value: unknown): Record<string, unknown> => nodeSchema.safeParse(value).data ?? {};
  const string = (value: unknown): string => (typeof value === 'string' ? value : '');

  function inline(value: unknown, depth: number): string {
    if (typeof value === 'string') return value;
    left -= 1;
    if (depth > DEEPEST || left < 0) return '';
    if (Array.isArray(value)) return value.map((one) => inline(one, depth + 1)).join('');
    const node = fields(value);
    const words = inline(node.text ?? node.alternative_text ?? node.expression ?? '', depth + 1);
    if (words === '') return '';
    switch (node.type) {
      case 'bold':
        return `**${words}**`;
      case 'italic':
        return `*${words}*`;
      case 'strikethrough':
        return `~~${words}~~`;
      case 'code':
        return `\`${words}\``;
      case 'url':
        return string(node.url) && node.url !== words ? `[${words}](${string(node.url)})` : words;
      default:
        return words;
    }
  }

  const caption = (value: unknown, depth: number): string => {
    const node = fields(value);
    return [inline(node.text ?? '', depth), inline(node.credit ?? '', depth)].filter(Boolean).join('\n');
  };

  const blocks = (value: unknown, depth: number, between = '\n\n'): string =>
    list(value)
      .map((one) => block(one, depth + 1))
      .filter((one) => one !== '')
      .join(between);

  function block(value: unknown, depth: number): string {
    left -= 1;
    if (depth > DEEPEST || left < 0) return '';
    const node = fields(value);
    switch (node.type) {
      case 'divider':
        return '---';
      case 'heading':
        return `${'#'.repeat(Math.min(6, Math.max(1, Number(node.size) || 1)))} ${inline(node.text, depth)}`;
      case 'pre':
        return `\`\`\`${string(node.language)}\n${inline(node.text, depth)}\n\`\`\``;
      case 'list':
        return list(node.items)
          .map((item) => {
            const { label, has_checkbox, is_checked, blocks: inner } = fields(item);
            const box = has_checkbox ? (is_checked ? '[x] ' : '[ ] ') : '';
            return `${string(label) || '-'} ${box}${blocks(inner, depth, '\n').replace(/\n/g, '\n  ')}`;
          })
          .join('\n');
      case 'table':
        return [
          ...list(node.cells).map(
            (row) =>
              `| ${list(row)
                .map((cell) => inline(fields(cell).text ?? '', depth))
                .join(' | ')} |`,
          ),
          inline(node.caption ?? '', depth),
        ]
          .filter(Boolean)
          .join('\n');
      default: {
        const parts = [
          inline(node.summary ?? '', depth),
          inline(node.text ?? node.expression ?? '', depth),
          blocks(node.blocks, depth),
          caption(node.caption, depth),
          inline(node.credit ?? '', depth),
        ].filter((part) => part !== '');
        const words = parts.join('\n\n');
        return /quote$/.test(string(node.type)) ? words.replace(/^/gm, '> ') : words;
      }
    }
  }

  return blocks(fields(message).blocks, 0).trim();
}
