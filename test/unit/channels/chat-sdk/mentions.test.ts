import { expect, test } from 'vitest';
import { mentions } from '../../../../src/channels/chat-sdk/mentions.js';

test.each([
  ['@wharfie-bot please', true],
  ['please, @Wharfie-Bot!', true],
  ['(@wharfie-bot)', true],
  ['@wharfie-bot-2 please', false],
  ['mail@wharfie-bot', false],
  ['see github.com/@wharfie-bot', false],
  ['`@wharfie-bot` is its name', false],
  ['```\n@wharfie-bot\n```\nlike that', false],
  ['~~~\n@wharfie-bot', false],
  ['> @wharfie-bot please\n\nI said.', false],
  ['```\ncode\n```\n@wharfie-bot', true],
  ['please <!-- @wharfie-bot --> look', false],
  ['<!--\nAsk @wharfie-bot.\n', false],
  ['<!-- how to --> @wharfie-bot', true],
  ['it shows <!-- @wharfie-bot', true],
  ['<!--\n```\n-->\n@wharfie-bot', true],
  ['```\n<!--\n```\n@wharfie-bot', true],
  ['``a ` @wharfie-bot``', false],
  ['a `b\n@wharfie-bot` c', false],
  ['`a @wharfie-bot', true],
  ['- ```\n  @wharfie-bot\n  ```', false],
  ['````\n```\n@wharfie-bot\n````', false],
  ['like this:\n\n    @wharfie-bot', false],
  ['- an item\n\n    @wharfie-bot', true],
  ['[a](https://example.org/?who=@wharfie-bot)', false],
  ['see https://example.org/?who=,@wharfie-bot', false],
  ['<img alt="@wharfie-bot">', false],
  ['<pre>\n@wharfie-bot', false],
  ['<details>\n@wharfie-bot</details>', true],
])('%j calls the bot: %s', (text, called) => {
  expect(mentions(text, 'wharfie-bot')).toBe(called);
});

test.each(['`', '`` ` ', '<!--', '<pre>', '```\n', '](', '<a', '[', '> ', '~~~`` '])(
  'a hundred thousand characters of %j are looked through in one go',
  (piece) => {
    expect(mentions(piece.repeat(100_000 / piece.length), 'wharfie-bot')).toBe(false);
  },
  2_000,
);
