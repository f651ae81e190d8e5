import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TriggerRules, triggerRulesSchema } from '../../src/db/types.js';
import { type Engageable, engage, matchesPattern } from '../../src/engage.js';

const rules = (changes: Partial<TriggerRules> = {}): TriggerRules => triggerRulesSchema.parse(changes);
const event = (changes: Partial<Engageable> = {}): Engageable => ({
  kind: 'message',
  channelType: 'telegram',
  text: 'hello',
  mentioned: false,
  isGroup: true,
  ...changes,
});
const run = (candidates: Record<string, TriggerRules>, what: Engageable) => {
  const result = engage(Object.entries(candidates), what, ([, one]) => one);
  const names = (list: [string, TriggerRules][]) => list.map(([name]) => name);
  return { engaged: names(result.engaged), context: names(result.context), ignored: names(result.ignored) };
};

describe('a pattern', () => {
  it.each([
    ['@Andy', 'hey @andy, listen', true],
    ['@Andy', '@ANDY', true],
    ['@Andy', '@Andyroo', false],
    ['@Andy', '@Andy2', false],
    ['@Andy', 'mail x@andy.org', false],
    ['@Andy', '(@andy)', true],
    ['@Andy', '@andy_', true],
    ['hey andy', 'HEY ANDY!', true],
    ['Andy', '\uff21\uff2e\uff24\uff39 there', true],
    ['Öl', 'das ÖL ist', true],
    ['Öl', 'Olöl', false],
    ['andy', 'andye\u0301 andy', true],
    ['andy', '𝒜andy', false],
    ['a.c', 'abc', false],
  ])('%s in %j: %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  it('is one of several, or none', () => {
    expect(matchesPattern(['@Andy', 'hey andy'], 'so hey andy')).toBe(true);
    expect(matchesPattern(['@Andy', 'hey andy'], 'so andy')).toBe(false);
    expect(matchesPattern(undefined, 'anything')).toBe(false);
  });

  it('is found wherever it stands alone, and never as a part of a word', () => {
    const filler = fc.constantFrom(' ', '.', '!', '\n', '🙂', '-', '"');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), filler, filler, (noise, before, after) => {
        expect(matchesPattern('@Andy', `${noise}${before}@aNdY${after}${noise}`)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom('a', 'Z', '7', 'ß', '字', '٣'), (letter) => {
        expect(matchesPattern('andy', `${letter}andy`)).toBe(false);
        expect(matchesPattern('andy', `andy${letter}`)).toBe(false);
      }),
    );
  });
});

const TICK = '`';
const FENCE = '```';

describe('a trigger that its sender does not say', () => {
  const calls = (text: string, channelType: string, pattern = '@Andy') =>
    run({ a: rules({ pattern }) }, event({ text, channelType })).engaged.length > 0;
  const chats = ['cli', 'discord', 'telegram', 'slack', 'gchat', 'teams', 'whatsapp-cloud', 'resend'];
  const documents = ['github', 'linear'];
  const all = [...chats, ...documents];

  const hidden: [string, (call: string) => string][] = [
    ['a quote', (call) => `> ${call}`],
    ['a quote between words', (call) => `so he said\n\n> well ${call} then\n\nand left`],
    ['a code span', (call) => `it is ${TICK}${call}${TICK} here`],
    ['a block of code', (call) => `look:\n${FENCE}js\n${call}\n${FENCE}\nthat`],
    ['a block of code in one line', (call) => `${FENCE}${call}${FENCE}`],
    ['a comment', (call) => `hello <!-- ${call} --> there`],
    ['a comment of several lines', (call) => `<!--\nAsk ${call}.\n-->\nhello`],
    ['the target of a link', (call) => `[here](https://example.org/?to=${call})`],
    ['a link', (call) => `https://example.org/?to=${call}`],
    ['an attribute', (call) => `<img alt="${call}">`],
    ['a tag of code', (call) => `<pre>${call}</pre>`],
  ];
  const shown: [string, (call: string) => string][] = [
    ['words', (call) => `well, ${call}, hello`],
    ['words below a quote', (call) => `> what he said\n\n${call} what now`],
    ['words below code', (call) => `${FENCE}\n1 + 1\n${FENCE}\n${call} what is it`],
    ['words behind a code span', (call) => `${TICK}x${TICK} ${call}`],
    ['words behind a comment', (call) => `<!-- a form --> ${call}`],
    ['the words of a link', (call) => `[${call}](https://example.org)`],
  ];
  const cases = (kinds: typeof hidden) =>
    kinds.flatMap(([place, text]) => all.map((channel) => [place, channel, text] as const));

  it.each(cases(hidden))('calls nobody in %s on %s', (_, channel, text) => {
    expect(calls(text('@Andy'), channel)).toBe(false);
    expect(calls(`${text('@Andy')}\n\n@Andy`, channel)).toBe(true);
  });

  it.each(cases(shown))('is heard in %s on %s', (_, channel, text) => {
    expect(calls(text('@Andy'), channel)).toBe(true);
  });

  it.each(chats)('ends with its code on %s, wherever that is closed', (channel) => {
    expect(calls('```\n1 + 1```\n@Andy what is it', channel)).toBe(true);
    expect(calls('``` @Andy', channel)).toBe(true);
    expect(calls('>>> he said\nand then\n@Andy', channel)).toBe(false);
    expect(calls('    @Andy', channel)).toBe(true);
  });

  it.each(documents)('is in code on %s until that is closed on a line of its own', (channel) => {
    expect(calls('```\n1 + 1```\n@Andy what is it', channel)).toBe(false);
    expect(calls('```\n@Andy', channel)).toBe(false);
    expect(calls('like this:\n\n    @Andy', channel)).toBe(false);
  });

  it('is looked for everywhere where it is no such words itself', () => {
    expect(calls('so: `andy`', 'telegram', '`andy`')).toBe(true);
    expect(calls('<andy> hello', 'telegram', '<andy>')).toBe(true);
  });

  it.each(['`', '`` ` ', '<!--', '<pre>', '```\n', '](', '<a', '> ', '>>> ', '``` x ```` '])(
    'is looked for in a hundred thousand characters of %j in one go',
    (piece) => {
      expect(calls(`${piece.repeat(100_000 / piece.length)}@Andy`, 'discord', 'nobody')).toBe(false);
      calls(`@Andy ${piece.repeat(100_000 / piece.length)}`, 'discord');
    },
    5_000,
  );
});

describe('engagement', () => {
  it('wakes every wiring whose pattern matches, and then no other', () => {
    const chat = {
      a: rules({ pattern: '@a', requiresTrigger: false }),
      b: rules({ pattern: '@b' }),
      c: rules({ pattern: '@c' }),
    };
    expect(run(chat, event({ text: '@c and @b', mentioned: true })).engaged).toEqual(['b', 'c']);
  });

  it('gives a mention or a direct message to the highest priority alone', () => {
    const chat = { a: rules({ pattern: '@a' }), b: rules({ requiresTrigger: false }) };
    expect(run(chat, event({ mentioned: true })).engaged).toEqual(['a']);
    expect(run(chat, event({ isGroup: false })).engaged).toEqual(['a']);
  });

  it('gives anything else to the highest priority that needs no trigger, alone', () => {
    const free = rules({ requiresTrigger: false });
    expect(run({ a: rules({ pattern: '@a' }), b: free, c: free }, event()).engaged).toEqual(['b']);
    expect(run({ a: rules({ pattern: '@a' }) }, event()).engaged).toEqual([]);
  });

  it('sorts the rest into those that hear it silently and those that never learn of it', () => {
    const chat = { a: rules({ pattern: '@a', whenIgnored: 'context' }), b: rules({ pattern: '@b' }) };
    expect(run(chat, event())).toEqual({ engaged: [], context: ['a'], ignored: ['b'] });
    expect(run(chat, event({ text: '@b' }))).toEqual({ engaged: ['b'], context: ['a'], ignored: [] });
  });

  it('wakes for a reaction or click only where the bot itself is meant', () => {
    const chat = { a: rules({ pattern: 'yes', requiresTrigger: false }) };
    expect(run(chat, event({ kind: 'click', text: 'yes' })).engaged).toEqual([]);
    expect(run(chat, event({ kind: 'click', text: 'yes', mentioned: true })).engaged).toEqual(['a']);
    expect(run(chat, event({ kind: 'reaction', text: '👍', isGroup: false })).engaged).toEqual(['a']);
  });

  it('puts each wiring in exactly one place, and two engage only if both were called', () => {
    const someRules = fc.record({
      pattern: fc.constantFrom(undefined, '@a', '@b'),
      requiresTrigger: fc.boolean(),
      whenIgnored: fc.constantFrom<'drop' | 'context'>('drop', 'context'),
    });
    const someEvent = fc.record({
      text: fc.constantFrom('hi', '@a', '@b', '@a @b'),
      mentioned: fc.boolean(),
      isGroup: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(someRules, { maxLength: 5 }), someEvent, (list, what) => {
        const all = list.map(({ pattern, ...rest }) =>
          rules(pattern === undefined ? rest : { pattern, ...rest }),
        );
        const result = engage(all, event(what), (one) => one);
        const placed = [...result.engaged, ...result.context, ...result.ignored];
        expect(placed).toHaveLength(all.length);
        expect(new Set(placed).size).toBe(all.length);
        if (result.engaged.length > 1) {
          for (const one of result.engaged) expect(matchesPattern(one.pattern, what.text)).toBe(true);
        }
        if (all.length > 0 && (what.mentioned || !what.isGroup))
          expect(result.engaged.length).toBeGreaterThan(0);
      }),
    );
  });
});
