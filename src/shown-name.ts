/** A title is chosen by whoever made the chat, up to 255 characters of it: enough to tell chats apart, not to give orders. */
const MOST = 40;

/**
 * What strangers call themselves or their chats, as it is shown to an operator and to their Claude Code: one short line
 * without control, formatting and surrogate characters. In a sentence it is quoted too, and its id stands beside it.
 */
export function shownName(name: string): string {
  // Longer ones are cut first, since whoever chose it also chose how long this takes.
  const line = [...plainLine(name.slice(0, 1000))];
  return line.length > MOST
    ? `${line
        .slice(0, MOST - 1)
        .join('')
        .trimEnd()}…`
    : line.join('');
}

/** On one line, without characters that hide, reorder or break it. */
function plainLine(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
