import { describe, expect, test } from 'vitest';
import { blocksText } from '../../../src/channels/slack/blocks.js';
import { readable } from '../../../src/channels/slack/names.js';
import { wordsOf } from '../../../src/channels/slack/words.js';
import { rich, section, text } from './words.js';

const names = {
  person: async (id: string) => (id === 'U1' ? 'Ada' : null),
  channel: async (id: string) => (id === 'C1' ? 'general' : null),
};

/** Blocks (docs.slack.dev/reference/block-kit/blocks) and what a person reads of them. */
const kinds: [string, unknown, string][] = [
  ['literal signs', rich(section(text('a < b & *c* <@U1>'))), 'a < b & **c** <@U1>'],
  [
    'styles',
    rich(section(text('now ', { bold: true }), text('x<y', { code: true }), text(' gone', { strike: true }))),
    '**now** `x<y` ~~gone~~',
  ],
  [
    'every element of a rich text',
    rich(
      section(
        { type: 'user', user_id: 'U1' },
        text(' '),
        { type: 'channel', channel_id: 'C1' },
        text(' '),
        { type: 'usergroup', usergroup_id: 'S1' },
        text(' '),
        { type: 'broadcast', range: 'here' },
        text(' '),
        { type: 'emoji', name: 'wave' },
        text(' '),
        { type: 'link', url: 'https://e.example/a', text: 'a page' },
        text(' '),
        { type: 'date', timestamp: 1796068800, format: '{date}' },
        text(' '),
        { type: 'color', value: '#F405B3' },
        text(' '),
        { type: 'team', team_id: 'T1' },
      ),
    ),
    '@Ada #general @S1 @here :wave: [a page](https://e.example/a) 2026-11-30T20:00:00Z #F405B3 T1',
  ],
  [
    'lists, quotes and code',
    rich(
      { type: 'rich_text_list', style: 'ordered', elements: [section(text('one')), section(text('two'))] },
      { type: 'rich_text_list', style: 'bullet', indent: 1, elements: [section(text('deep'))] },
      { type: 'rich_text_quote', elements: [text('said\nbefore')] },
      { type: 'rich_text_preformatted', elements: [text('x = 1')] },
    ),
    '1. one\n2. two\n  - deep\n> said\n> before\n```\nx = 1\n```',
  ],
  [
    'sections, headers and contexts',
    [
      { type: 'header', text: { type: 'plain_text', text: 'Deploy' } },
      { type: 'divider' },
      {
        type: 'section',
        text: { type: 'mrkdwn', text: 'went *well*' },
        fields: [{ type: 'mrkdwn', text: 'sev 1' }],
        accessory: { type: 'button', text: { type: 'plain_text', text: 'Open' }, action_id: 'a' },
      },
      {
        type: 'context',
        elements: [
          { type: 'image', alt_text: 'Ada' },
          { type: 'mrkdwn', text: 'by <@U1>' },
        ],
      },
      { type: 'markdown', text: '**bold** & more' },
    ],
    '**Deploy**\n\nwent **well**\nsev 1\n[button: Open]\n\n[image: Ada] by @Ada\n\n**bold** & more',
  ],
  [
    'pictures, films, tables, calls and kinds that are not known',
    [
      {
        type: 'image',
        image_url: 'https://e.example/a.png',
        alt_text: 'a graph',
        title: { type: 'plain_text', text: 'Load' },
      },
      {
        type: 'video',
        title: { type: 'plain_text', text: 'Tour' },
        alt_text: 'a film',
        title_url: 'https://e.example/v',
      },
      { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }, rich(section(text('b')))[0]]] },
      { type: 'alert', text: { type: 'plain_text', text: 'Careful' }, level: 'warning' },
      { type: 'task_card', task_id: '1', title: 'Look it up', details: rich(section(text('found')))[0] },
      {
        type: 'of_a_later_time',
        title: 'New',
        elements: [{ type: 'whatever', label: { type: 'plain_text', text: 'Thing' } }],
      },
    ],
    '[image: Load – a graph]\n\n[video: Tour – a film – https://e.example/v]\n\n| a | b |\n\nCareful\n\nLook it up\nfound\n\nNew\nThing',
  ],
  ['wrong types', [null, 5, 'x', { type: 'rich_text', elements: {} }, { type: 'section', text: 5 }], 'x'],
  ['no list', 'x', ''],
];
test.each(kinds)('%s', async (_, blocks, shown) => {
  expect(await readable(blocksText(blocks), names)).toBe(shown);
});

/** docs.slack.dev/messaging/formatting-message-text */
const marks: [string, string][] = [
  ['<@U1> <@U1|ada> <@U2>', '@Ada @ada @U2'],
  ['<#C1> <#C1|renamed> <#C1|> <#C2>', '#general #renamed #general #C2'],
  ['<!here> <!channel> <!everyone> <!here|here>', '@here @channel @everyone here'],
  ['<!subteam^S1|@crew> <!subteam^S1>', '@crew @S1'],
  [
    '<!date^1796068800^{date}^https://e.example|Nov 30> <!date^1796068800^{date}>',
    'Nov 30 2026-11-30T20:00:00Z',
  ],
  ['<https://e.example|a page> <https://e.example>', '[a page](https://e.example) https://e.example'],
  ['<mailto:a@e.example|a@e.example> <tel:+49301|call me>', 'a@e.example call me (+49301)'],
  ['1 &lt; 2 &amp;amp; 3', '1 < 2 &amp; 3'],
];
test.each(marks)('%s', async (mrkdwn, shown) => {
  expect(await readable(mrkdwn, names)).toBe(shown);
});

test('names of no more than so many people are asked for', async () => {
  const asked: string[] = [];
  const all = Array.from({ length: 300 }, (_, at) => `<@U${at}>`).join(' ');
  const person = async (id: string) => {
    asked.push(id);
    throw new Error('busy');
  };
  expect(await readable(all, { ...names, person })).toBe(all.replace(/[<>]/g, ''));
  expect(asked).toHaveLength(20);
});

describe('a text and its blocks', () => {
  const blocks = rich(section(text('hello '), { type: 'user', user_id: 'U1' }, text(' *now*')));
  test.each([
    ['say the same', 'hello <@U1|ada> *now*', 'hello <@U1|ada> *now*'],
    ['of which the text is a summary', 'hello', 'hello <@U1> *now*'],
    ['say different things', 'New message', 'New message\n\nhello <@U1> *now*'],
  ])('%s', (_, said, words) => {
    expect(wordsOf({ text: said, blocks })).toBe(words);
  });
});

/** docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments */
test('what an app attaches is its words, what Slack shows of a link is not', () => {
  const own = {
    ...{ pretext: 'Alert', title: 'Disk', title_link: 'https://e.example', text: '90 %', footer: 'Grafana' },
    ...{ fields: [{ title: 'sev', value: '1' }], fallback: 'not this' },
  };
  const link = { title: 'A page', from_url: 'https://e.example', text: 'nobody said this' };
  const words = wordsOf({ text: 'look', attachments: [own, link, { fallback: 'only this' }, null] });
  expect(words).toBe('look\n\nAlert\n<https://e.example|Disk>\n90 %\nsev: 1\nGrafana\n\nonly this');
});

test('what is nested or repeated without end is read within bounds', () => {
  let deep: unknown = text('deep');
  for (let at = 0; at < 5000; at += 1) deep = { type: 'rich_text', elements: [deep] };
  expect(blocksText([deep])).toBe('');
  const wide = Array.from({ length: 100_000 }, () => section(text('x')));
  const cut = blocksText(rich(...wide));
  expect(cut.length).toBeLessThan(30_000);
  expect(cut).toMatch(/too much to be read\]$/);
  const long = rich(section(text(`b${'a'.repeat(100_000)}`)));
  expect(wordsOf({ text: 'a'.repeat(100_000), blocks: long }).length).toBeLessThanOrEqual(300_000);
  expect(blocksText(rich(section(text(`x${' '.repeat(50_000)}x`, { bold: true })))).length).toBeLessThan(
    60_000,
  );
});
