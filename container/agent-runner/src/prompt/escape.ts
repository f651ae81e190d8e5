// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be replaced.
const UNREADABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu;

const IN_TEXT: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const IN_VALUE: Record<string, string> = {
  ...IN_TEXT,
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** Replaces what no text needs and some readers stumble over: control characters and halves of surrogate pairs. */
function readable(text: string): string {
  return text.replace(UNREADABLE, '\ufffd');
}

/** Text between tags: nothing in it can open or close one. */
export function escapeText(text: string): string {
  return readable(text).replace(/[&<>]/g, (char) => IN_TEXT[char] ?? char);
}

/** The value of an attribute, without its quotes: nothing in it can end it, and it stays on its line. */
function escapeValue(text: string): string {
  return readable(text).replace(/[&<>"'\n\r\t]/g, (char) => IN_VALUE[char] ?? char);
}

/** `<name a="1" b="2">` or, with `empty`, `<name a="1"/>`; attributes that are null are left out. */
export function openTag(
  name: string,
  attributes: Record<string, string | number | null>,
  empty = false,
): string {
  const parts = Object.entries(attributes).flatMap(([key, value]) =>
    value === null ? [] : [` ${key}="${escapeValue(String(value))}"`],
  );
  return `<${name}${parts.join('')}${empty ? '/' : ''}>`;
}
