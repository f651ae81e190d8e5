import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, JsonScanner } from '../../../src/egress/json-scanner.js';

type Seen = ['key' | 'string', string, string];

/** What the scanner shows of a text that arrives in pieces of `step` bytes; null where it is no JSON. */
function scan(text: string | Buffer, step = 1_000_000): Seen[] | null {
  const seen: Seen[] = [];
  const scanner = new JsonScanner({
    key: (path, name) => void seen.push(['key', path.join('/'), name]),
    string: (path, read) => void seen.push(['string', path.join('/'), read()]),
  });
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; at += step) scanner.write(bytes.subarray(at, at + step));
    scanner.end();
    return seen;
  } catch (error) {
    expect(error).toBeInstanceOf(JsonError);
    return null;
  }
}

/** The same by way of JSON.parse, for values without duplicate keys. */
function expected(value: unknown, path: string[] = []): Seen[] {
  if (typeof value === 'string') return [['string', path.join('/'), value]];
  if (Array.isArray(value)) return value.flatMap((one) => expected(one, [...path, '*']));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [
    ['key', path.join('/'), name] satisfies Seen,
    ...expected(one, [...path, name]),
  ]);
}

const parses = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the JSON scanner', () => {
  it('shows every key and string of any value, however it is cut', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 7 }), fc.boolean(), (value, step, spaced) => {
        const text = spaced ? JSON.stringify(value, null, 2) : JSON.stringify(value);
        expect(scan(text, step)).toEqual(expected(JSON.parse(text)));
      }),
    );
  });

  it('takes what JSON.parse takes and nothing else', () => {
    const noise = fc.array(
      fc.constantFrom(...'{}[]:,"\\ a1-+.eEtrue\nnull\u0001x0u'.split(''), 'false', '""', '12'),
    );
    fc.assert(
      fc.property(noise, (parts) => {
        const text = parts.join('');
        expect(scan(text) !== null).toBe(parses(text));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    '',
    '  ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '01',
    '1.',
    '+1',
    '.5',
    'NaN',
    'nul',
    '[1 2]',
    '{"a" 1}',
    '1 2',
    '"\\x"',
    '"\\u12G4"',
    '"a\nb"',
    '[}',
    '{]',
    '// x\n1',
    '\ufeff1',
  ])('refuses %j, which a lenient reader might take', (text) => expect(scan(text)).toBeNull());

  it('shows both of two equal keys, and names however they are written', () => {
    expect(scan('{"t":"a","t":"b","\\u0074\\u0079pe":"\\u0075rl"}')).toEqual([
      ['key', '', 't'],
      ['string', 't', 'a'],
      ['key', '', 't'],
      ['string', 't', 'b'],
      ['key', '', 'type'],
      ['string', 'type', 'url'],
    ]);
  });

  it('keeps little of a long string, and still finds its end', () => {
    const long = `${'x'.repeat(5000)}\\"${'y'.repeat(5000)}`;
    const seen = scan(`["${long}","after"]`, 64);
    expect(seen?.map(([, , text]) => text.length)).toEqual([1024, 5]);
  });

  it('bounds depth and numbers', () => {
    expect(scan(`${'['.repeat(256)}${']'.repeat(256)}`)).not.toBeNull();
    expect(scan(`${'['.repeat(257)}${']'.repeat(257)}`)).toBeNull();
    expect(scan('1'.repeat(2000))).toBeNull();
  });
});
