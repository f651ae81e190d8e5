/**
 * Marks that stand on the character before them, and the four characters that become such marks. A row of thirty is
 * as long as Unicode's Stream-Safe Text Format lets one be (unicode.org/reports/tr15): nobody writes a longer one.
 */
const LONG_ROW = /([\p{M}\u0E33\u0EB3\uFF9E\uFF9F]{30})[\p{M}\u0E33\u0EB3\uFF9E\uFF9F]+/gu;

/**
 * `normalize`, for what strangers write: it sorts the marks in a row, in a time that grows with the square of their
 * number, and a message of nothing else would hold up the host for seconds. What is beyond thirty is left out.
 */
export function normalized(text: string, form: 'NFC' | 'NFKC' | 'NFKD' = 'NFKC'): string {
  return text.replace(LONG_ROW, '$1').normalize(form);
}
