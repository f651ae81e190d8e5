import { z } from 'zod';

const entitySchema = z.object({
  type: z.string(),
  offset: z.number().int().nonnegative(),
  length: z.number().int().positive(),
  url: z.string().optional().catch(undefined),
  language: z.string().optional().catch(undefined),
  user: z.object({ id: z.number() }).optional().catch(undefined),
});
export type Entity = z.infer<typeof entitySchema>;

/** Telegram gives a hundred of them at most. */
const MOST_ENTITIES = 200;

/** What can be read of the entities of a text (core.telegram.org/bots/api#messageentity). */
export const entitiesSchema = z
  .array(z.unknown())
  .catch([])
  .transform((all) => all.slice(0, MOST_ENTITIES).flatMap((one) => entitySchema.safeParse(one).data ?? []));

const MARKS: Readonly<Record<string, string>> = {
  bold: '**',
  italic: '*',
  strikethrough: '~~',
  spoiler: '||',
  code: '`',
};
const QUOTES = new Set(['blockquote', 'expandable_blockquote']);
const CODE = new Set(['code', 'pre']);

interface Mark {
  at: number;
  text: string;
}

/** A text with its entities as Markdown. Entities may stand in each other, and offsets count UTF-16 code units. */
export function markdownOf(text: string, entities: readonly Entity[]): string {
  const opening: Mark[] = [];
  const closing: Mark[] = [];
  // The outer one first; what begins later ends before it.
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  for (const entity of sorted) {
    const [from, to] = rangeOf(text, entity);
    if (from >= to) continue;
    if (QUOTES.has(entity.type)) opening.push(...quoteMarks(text, from, to));
    else {
      const pair = marksOf(text, entity, from, to);
      if (!pair) continue;
      opening.push({ at: from, text: pair[0] });
      closing.unshift({ at: to, text: pair[1] });
    }
  }
  const marks = [...closing, ...opening].sort((a, b) => a.at - b.at);
  let result = '';
  let done = 0;
  for (const { at, text: mark } of marks) {
    result += text.slice(done, at) + mark;
    done = at;
  }
  return result + text.slice(done);
}

/** The text without what calls nobody: code, and what others said. */
export function spokenOf(text: string, entities: readonly Entity[]): string {
  let spoken = text;
  for (const entity of entities) {
    if (!QUOTES.has(entity.type) && !CODE.has(entity.type)) continue;
    const [from, to] = rangeOf(text, entity);
    spoken = spoken.slice(0, from) + ' '.repeat(Math.max(0, to - from)) + spoken.slice(to);
  }
  return spoken;
}

const rangeOf = (text: string, { offset, length }: Entity): [number, number] => [
  Math.min(offset, text.length),
  Math.min(offset + length, text.length),
];

function marksOf(text: string, entity: Entity, from: number, to: number): [string, string] | null {
  if (entity.type === 'pre') {
    const before = from > 0 && text[from - 1] !== '\n' ? '\n' : '';
    const after = to < text.length && text[to] !== '\n' ? '\n' : '';
    return [`${before}\`\`\`${entity.language ?? ''}\n`, `\n\`\`\`${after}`];
  }
  if (entity.type === 'text_link' && entity.url) return ['[', `](${entity.url})`];
  const mark = MARKS[entity.type];
  return mark ? [mark, mark] : null;
}

function quoteMarks(text: string, from: number, to: number): Mark[] {
  const marks = [{ at: from, text: from > 0 && text[from - 1] !== '\n' ? '\n> ' : '> ' }];
  for (let at = text.indexOf('\n', from); at !== -1 && at < to - 1; at = text.indexOf('\n', at + 1)) {
    marks.push({ at: at + 1, text: '> ' });
  }
  return marks;
}
