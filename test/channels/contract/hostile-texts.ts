/** Printed where a case fails; another one writes other texts. */
export const SEED = Number(process.env.WHARFIE_HOSTILE_SEED ?? 20_261_130);

/** What a parser, or an expression, may take for the beginning of something. */
const PIECES = [
  ...['>', '> ', '1. ', '1) ', '- ', '* ', '+ ', '- - ', '* a\n', '  - a\n', '> a\n', '- [ ] ', '\t- '],
  ...[
    '*',
    '_',
    '~',
    '`',
    '``a`',
    '```',
    '```\n',
    '~~~\n',
    '*a **b ',
    '_a__',
    '**a',
    '~~a~',
    '||',
    '|a|',
    '|-',
  ],
  ...[
    '[',
    '![',
    '[[',
    '](',
    '[a](',
    '[](http://',
    '![a](https:',
    '[^a]',
    '[^a]: ',
    '[a]: b\n',
    '`[',
    '((',
    ')',
  ],
  ...['<', '<a', '<a ', '<a href="', '<b>', '</', '<!--', '<?', '<at>', '<at>a', '<quoted ', '<users/'],
  ...[
    '<@',
    '<@1',
    '<@!',
    '<@U1|',
    '<#C1|',
    '<!subteam^',
    '<:a',
    '<a:a:1',
    '<http://',
    '<https://a|',
    '@a',
    'a@b.',
  ],
  ...[
    '&',
    '&amp;',
    '&gt;',
    '&lt;',
    '&nbsp;',
    '&#',
    '\\',
    '\\*',
    '#',
    '# ',
    '#### a ',
    ':::',
    ':a:',
    '=\n',
    '---\n',
  ],
  ...[
    '\t',
    ' ',
    ' \n',
    '\n',
    '\r',
    '\u00A0',
    '\u200B',
    '\u0301',
    '\u202E',
    '\u2066',
    '\u{1F469}\u200D',
    '\uFE0F',
  ],
  ...[
    'http://',
    'www.',
    'https://a.b/(',
    'linear.app/a/profiles/',
    'x',
    '0',
    '.',
    '-- \n',
    'On a wrote:\n',
    '$',
    '/',
  ],
];

/** Numbers below 1 that are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const filled = (piece: string, length: number) =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** Lines, each of which stands deeper than the one before. */
function stairs(piece: string, length: number): string {
  const lines: string[] = [];
  for (let left = length; left > 0; left -= (lines.at(-1)?.length ?? 0) + 1) {
    lines.push(`${piece.replace(/\n/g, '').repeat(lines.length % 200)}a`);
  }
  return lines.join('\n').slice(0, length);
}

/** As many opened as closed. */
function nested(length: number, [open, close]: readonly [string, string]): string {
  const depth = Math.floor(length / (open.length + close.length));
  return open.repeat(depth) + close.repeat(depth);
}

const PAIRS = [
  ['[', ']'],
  ['![', '](a)'],
  ['<b>', '</b>'],
  ['*', '*'],
  ['(', ')'],
  ['<at>', '</at>'],
] as const;

/** Texts as a stranger may write them who wants to be read for long; each of the longest that can be said. */
export function hostileTexts(count: number, length: number, seed = SEED): string[] {
  const random = randomOf(seed);
  const any = <T>(from: readonly [T, ...T[]] | readonly T[]): T => {
    const found = from[Math.floor(random() * from.length)];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  };
  const drawn = (): string => {
    const unit = Array.from({ length: 2 + Math.floor(random() * 3) }, () => any(PIECES)).join('');
    return any([
      () => filled(unit, length),
      () => filled(unit, length),
      () => stairs(unit, length),
      () => `${any(PIECES)}${filled(any(PIECES), length - 100)}${any(PIECES)}\n${any(PIECES)}`,
      () => nested(length, any(PAIRS)),
      () =>
        Array.from({ length: Math.floor(length / 6) }, () => any(PIECES))
          .join('')
          .slice(0, length),
    ])();
  };
  const plain = PIECES.map((piece) => filled(piece, length));
  return [...plain, ...Array.from({ length: Math.max(0, count - plain.length) }, drawn)].slice(0, count);
}
