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
])('%j calls the bot: %s', (text, called) => {
  expect(mentions(text, 'wharfie-bot')).toBe(called);
});
