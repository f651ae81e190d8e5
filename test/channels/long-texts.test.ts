import { expect, it } from 'vitest';
import { withoutImages } from '../../src/channels/images/index.js';
import { messageOf } from '../../src/channels/linear/packets.js';
import { longestSeen } from '../../src/channels/telegram/markdown.js';
import { longestSaid } from '../../src/channels/whatsapp-cloud/markdown.js';

/** Each of these once took minutes and more: whoever makes them slow again waits for a time-out. */
const MANY = 100_000;

it.each([
  ['line ends', '\n'],
  ['blanks', ' '],
  ['dashes', '-'],
  ['table rules', '|-'],
])('%s cost no more than other texts where tables are looked for', (_, mark) => {
  const text = `a${mark.repeat(MANY)}b`;
  expect(longestSeen(text).length).toBeGreaterThanOrEqual(MANY);
  expect(longestSaid(text).length).toBeGreaterThanOrEqual(MANY);
});

it('tables are still found', () => {
  for (const rule of ['|---|---|', ' --- | --- ', '|:--|--:|']) {
    const table = `| a | ${'b'.repeat(60)} |\n${rule}\n${'| c | d |\n'.repeat(5)}`;
    expect(longestSeen(table).length).toBeGreaterThan(table.length);
    expect(longestSaid(table).length).toBeGreaterThan(table.length);
  }
});

it('a name that does not end in an open tag costs no more than other texts', () => {
  expect(withoutImages(`<${'a'.repeat(MANY)}=>`)).toContain('aaaa');
  expect(withoutImages('<!channel> <users/all> <t:1700000000:R>')).toBe(
    '<!channel> <users/all> <t:1700000000:R>',
  );
});

it('full stops behind an address of Linear cost no more than other texts', () => {
  const said = {
    ...{
      id: 'c1',
      createdAt: '2026-01-01T00:00:00Z',
      isBot: false,
      identifier: 'ENG-1',
      team: 't',
      teamName: 'T',
    },
    ...{ parent: null, author: { id: 'u1', name: 'Ada', displayName: 'ada' } },
  };
  const self = { id: 'u9', name: 'Andy', displayName: 'andy' };
  const of = (profile: string) =>
    messageOf({ ...said, text: `linear.app/a/profiles/${profile}` }, self, 'http://127.0.0.1').isMention;
  expect(of(`${'.'.repeat(MANY)}a`)).toBe(false);
  expect(of('andy.')).toBe(true);
});
