import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixFor, sentences } from '../../../src/voice/index.js';

/** A value for every placeholder that any sentence has; each is to be found again. */
const values = {
  ...{ name: 'Ada', chat: '"Family" (Telegram)', cause: 'The cause.', fix: 'The fix.', command: 'tasks' },
  ...{ answer: 'An answer.', answers: ['One.', 'Two.'], given: 'ab12', prompts: ['Water the plants'] },
  ...{ total: '3 s', agent: '2 s', at: '2026-01-31 09:05 UTC', isGroup: false, running: true },
  ...{ tasks: 2, before: 4, open: 5, count: 6, hidden: 7, elsewhere: 8 },
  ...{
    outcome: 'Yes (Bob)',
    bytes: 'GET /things (all of it).',
    isCut: true,
    what: 'POST example.org',
    code: '1a2b3c',
    by: 'Eve',
  },
  ...{ lines: ['ab12  at once: "Water"'], results: [{ id: 'ab12', said: 'It is paused.' }] },
};

const all = Object.entries(sentences).flatMap(([group, members]) =>
  Object.entries(members).map(([name, write]) => {
    const used = new Set<string>();
    const known = new Proxy(values, {
      get(target, key) {
        used.add(String(key));
        if (!Reflect.has(target, key)) throw new Error(`no value for ${String(key)}`);
        return Reflect.get(target, key);
      },
    });
    const text: string = Reflect.apply(write, undefined, [known]);
    return { id: `${group}.${name}`, text, used: [...used] };
  }),
);
/** The terminal is the operator's, and its own list has ids. */
const forChats = all.filter(({ id }) => !/^(terminal\.|first\.|waits\.terminal$)/.test(id));

describe('what the host says in chats', () => {
  it.each(all)('$id is filled, and short', ({ text, used }) => {
    expect(text).not.toMatch(/undefined|null|NaN|\[object|\$\{/);
    expect(text.trim()).toBe(text);
    expect(text.length).toBeLessThanOrEqual(320);
    for (const key of used) {
      const value: unknown = Reflect.get(values, key);
      if (typeof value === 'string') expect(text).toContain(value);
    }
  });

  it.each(forChats)('$id is for a person who knows no log and no command line', ({ text }) => {
    expect(text).not.toMatch(
      /container|docker|session|\blog\b|operator|npx|wharfie|--\w|\.env|config|database/i,
    );
    expect(text).not.toMatch(/\b(?:ses|ntc|out|in|mg|ag|ser)_|\w+:-?\d{3,}|[{}<>*_`]/);
    expect(text).toMatch(/[.?)"]$/);
  });

  it('has each sentence once', () => {
    const texts = all.map(({ text }) => text).filter((text) => !text.startsWith('One.'));
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('gives the command that helps to the terminal alone', () => {
    const fix = 'mv /home/ada/x /home/ada/y';
    const at = (channelType: string) => ({ channelType, platformId: `${channelType}:1`, threadId: '' });
    expect(fixFor(at('cli'), fix)).toBe(fix);
    expect(fixFor(at('telegram'), fix)).toBe(sentences.operator.look());
    expect(fixFor(at('cli'), '')).toBe(sentences.operator.look());
  });
});

const root = fileURLToPath(new URL('../../..', import.meta.url));
const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: `src/${file}`, text: readFileSync(path.join(root, 'src', file), 'utf8') }));
const using = (pattern: RegExp, but: readonly string[]) =>
  sources
    .filter(({ file }) => !but.some((room) => file.startsWith(room)))
    .filter(({ text }) => pattern.test(text))
    .map(({ file }) => file);

/** The type `Sentence` keeps literals out; these are the ways around it. */
describe('a sentence that is not in the list', () => {
  it('is passed to the voice by these files alone', () => {
    expect(using(/\bwrittenElsewhere\(/, ['src/voice/'])).toEqual(['src/delivery.ts']);
    expect(
      using(/\bas (?:unknown as )?Sentence\b|<Sentence>|__sentence/, ['src/voice/sentences.ts']),
    ).toEqual([]);
  });

  it('becomes no notice but by the voice, and by questions', () => {
    expect(using(/\binsertNotice\(/, ['src/voice/', 'src/db/'])).toEqual([]);
    const delivery = ['src/delivery.ts', 'src/delivery/types.ts'];
    // Hands it to the questions.
    expect(using(/\bnotice\(/, ['src/asks/', ...delivery])).toEqual(['src/host/outbound.ts']);
    expect(using(/newId\('ntc'\)/, ['src/voice/'])).toEqual([]);
  });

  it('is sent to a platform by delivery, the voice and approvals alone', () => {
    const allowed = ['src/channels/', 'src/voice/say.ts', 'src/delivery/', 'src/asks/'];
    expect(using(/\.deliver\(/, allowed)).toEqual([]);
  });

  it('is no literal beside what speaks', () => {
    const call =
      /\b(?:voice|deps\.voice)\.(?:now|trouble|refused|durable)\([^;]*?(?:text: |, )[`'"][A-Z][^`'"]* /;
    expect(using(call, [])).toEqual([]);
  });
});
