/** Of a fix the command, as far as its first bracket. */
export const commandOf = (fix: string): string => (fix.split(/ \(|;/)[0] ?? '').trim();

/** As a shell would part them. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double?.replace(/\\(.)/g, '$1') ?? single ?? plain ?? '',
  );
}

/** By its form a token of Discord's. */
export const tokenOf = (word: string) =>
  `${Buffer.from(word.padEnd(18, '0')).toString('base64url')}.GaBcDe.${'x'.repeat(38)}`;
