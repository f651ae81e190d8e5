const DEEPEST = 12;
const MOST_PIECES = 500;
const MOST_TEXT = 20_000;
/** What of a card is words, in the order in which it is shown (learn.microsoft.com, adaptive, hero and other cards). */
const WORDS = ['title', 'subtitle', 'label', 'text', 'value', 'altText', 'fallbackText'] as const;
const PARTS = [
  ...['header', 'sections', 'body', 'columns', 'items', 'rows', 'cells', 'inlines', 'facts'],
  ...['images', 'buttons', 'actions', 'card', 'content'],
] as const;

export const isCard = (contentType: unknown): boolean =>
  typeof contentType === 'string' && /^application\/vnd\.microsoft\.(?:teams\.)?card\./i.test(contentType);

/** The words of a card of whatever kind, a line each. */
export function wordsOfCard(card: unknown): string {
  const lines: string[] = [];
  let pieces = 0;
  let length = 0;
  function say(value: unknown): void {
    if (typeof value !== 'string' || value.trim() === '' || length > MOST_TEXT) return;
    lines.push(value.trim());
    length += value.length;
  }
  function walk(value: unknown, depth: number): void {
    pieces += 1;
    if (depth > DEEPEST || pieces > MOST_PIECES) return;
    if (Array.isArray(value)) {
      for (const one of value.slice(0, 100)) walk(one, depth + 1);
      return;
    }
    if (typeof value === 'string') say(value);
    if (typeof value !== 'object' || value === null) return;
    const type = textAt(value, 'type');
    if (
      type === 'Fact' ||
      (textAt(value, 'title') && typeof Reflect.get(value, 'value') === 'string' && !type)
    ) {
      say(`${textAt(value, 'title')}: ${textAt(value, 'value')}`);
      return;
    }
    // What a person may type is no words yet, and what a button sends is none of anybody's.
    const shown = /^(?:Input|Action)\b/.test(type) ? ['title', 'label'] : WORDS;
    for (const name of shown) say(Reflect.get(value, name));
    const choices: unknown = Reflect.get(value, 'choices');
    // What they stand for is the form's own.
    for (const choice of Array.isArray(choices) ? choices.slice(0, 100) : [])
      say(textAt(Object(choice), 'title'));
    for (const name of PARTS) {
      const part: unknown = Reflect.get(value, name);
      if (typeof part === 'object') walk(part, depth + 1);
      else if (name === 'content') say(part);
    }
  }
  walk(card, 0);
  return lines.join('\n');
}

const textAt = (value: object, name: string): string => {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : '';
};

const MOST_FIELDS = 50;

/** What was put into a form: each field with its answer. Null: there is none. */
export function wordsOfForm(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() || null;
  if (typeof value !== 'object' || value === null) return null;
  const lines = Object.entries(value)
    .filter(([name]) => name !== 'msteams' && name !== 'actionId')
    .slice(0, MOST_FIELDS)
    .map(([name, answer]) => `${name}: ${answerOf(answer)}`.slice(0, MOST_TEXT));
  return lines.length === 0 ? null : lines.join('\n');
}

const answerOf = (answer: unknown): string =>
  typeof answer === 'object' ? (JSON.stringify(answer) ?? '').slice(0, 2000) : String(answer);

/** Cards and references to messages are words, and no files. */
export const isWords = (contentType: string): boolean =>
  isCard(contentType) || /^(?:forwardedM|m)essageReference$/.test(contentType);
