import { expect, test } from 'vitest';
import { renderDiscordMarkdown } from '../../../../src/channels/discord/markdown.js';

test.each([
  ['**bold** _it_ `code` [a](https://b.c) > no', '**bold** _it_ `code` [a](https://b.c) > no'],
  ['## Title\n- one\n  - two\n\n> quote', '## Title\n- one\n  - two\n\n> quote'],
  ['#### Deep ##', '**Deep**'],
  ['see ![a cat](https://x.y/cat.png "Tom") here', 'see [a cat](https://x.y/cat.png) here'],
  ['![](https://x.y/cat.png)', 'https://x.y/cat.png'],
  ['snake_case_name \\*literal\\*', 'snake_case_name \\*literal\\*'],
])('%j', (markdown, shown) => {
  expect(renderDiscordMarkdown(markdown)).toBe(shown);
});

test('a table is shown with aligned columns', () => {
  const table = ['| Name | Age |', '|:-----|----:|', '| Ada | 36 |', '| a \\| b | 7 |'].join('\n');
  expect(renderDiscordMarkdown(`before\n\n${table}\n\nafter`)).toBe(
    ['before', '', '```', 'Name   Age', '-----  ---', 'Ada    36', 'a | b  7', '```', '', 'after'].join('\n'),
  );
});

test('nothing changes inside code', () => {
  const code = ['```md', '#### not a title', '| a |', '|---|', '![x](https://y)', '```'].join('\n');
  expect(renderDiscordMarkdown(code)).toBe(code);
});
