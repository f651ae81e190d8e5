import { describe, expect, it } from 'vitest';
import { renderDiscordMarkdown } from '../../src/channels/discord/markdown.js';
import { renderGoogleChatText } from '../../src/channels/gchat/markdown.js';
import { renderMailHtml } from '../../src/channels/resend/html.js';
import { renderSlackMarkdown } from '../../src/channels/slack/markdown.js';
import { splitMarkdown } from '../../src/channels/split/index.js';
import { renderTelegramHtml } from '../../src/channels/telegram/markdown.js';
import { longestSaid, renderWhatsApp } from '../../src/channels/whatsapp-cloud/markdown.js';

const LENGTH = 100_000;
const repeat = (piece: string) => piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH);

/** Texts that make an expression which tries too much try for minutes. */
const texts: Record<string, string> = {
  'spaces before a letter': `${' '.repeat(49_990)}x`.repeat(2),
  'brackets and ticks': repeat('[`'),
  'links without an end': repeat('[a]('),
  'images without an end': repeat('![a](https:'),
  'an image that is one long address': `![a](https:${repeat('b')}`,
  'a heading of spaces': `#### a${repeat(' ')}x`,
  'a heading of marks': `#### a${repeat(' #')}x`,
  quotes: repeat('> '),
  'nested lists': repeat('- '),
  fences: repeat('```\n'),
  'table rows': repeat('|-'),
  'bold and italic': repeat('*a **b '),
  underscores: repeat('_a__'),
  'angle brackets': repeat('<a '),
  strokes: repeat('~~a~'),
  ticks: repeat('`'),
  'ticks and words': repeat('``a`'),
  mentions: repeat('<users/a'),
  backslashes: repeat('\\'),
  'one letter': repeat('x'),
};
const channels: [string, number, (markdown: string) => string][] = [
  ['cli', 50_000, (markdown) => markdown],
  ['discord', 2000, renderDiscordMarkdown],
  ['slack', 3000, renderSlackMarkdown],
  ['telegram', 4096, renderTelegramHtml],
  ['gchat', 8000, renderGoogleChatText],
  ['whatsapp', 4096, renderWhatsApp],
  ['whatsapp (to cut)', 4096, longestSaid],
];

describe.each(channels)('what an agent writes to %s', (_, max, render) => {
  it.each(Object.entries(texts))('is cut into parts without delay: %s', (_, text) => {
    const parts = splitMarkdown(text, { limit: { max, unit: 'utf16' }, render });
    expect(parts.length).toBeGreaterThanOrEqual(text.trim() === '' ? 0 : 1);
  });
});

it.each(Object.entries(texts))('what an agent writes is a mail without delay: %s', (_, text) => {
  expect(renderMailHtml(text)).not.toMatch(/<script/);
});
