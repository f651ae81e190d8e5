import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gchatFacts } from '../../src/channels/catalog/gchat.js';
import { slackFacts } from '../../src/channels/catalog/slack.js';
import { telegramFacts } from '../../src/channels/catalog/telegram.js';
import { whatsappCloudFacts } from '../../src/channels/catalog/whatsapp-cloud.js';
import { renderGoogleChatText } from '../../src/channels/gchat/markdown.js';
import { renderMailHtml } from '../../src/channels/resend/html.js';
import { renderSlackMarkdown } from '../../src/channels/slack/markdown.js';
import { sizeOf, splitMarkdown } from '../../src/channels/split/index.js';
import { longestSeen, renderTelegramHtml } from '../../src/channels/telegram/markdown.js';
import { longestSaid, renderWhatsApp } from '../../src/channels/whatsapp-cloud/markdown.js';
import { parseHtml } from '../fakes/telegram/markup.js';

const pieces = fc.constantFrom(
  'word',
  ' ',
  '\n',
  '\n\n',
  '**',
  '_',
  '~~',
  '`',
  '```\n',
  '```ts\n',
  '> ',
  '- ',
  '- [x] ',
  '3. ',
  '    ',
  '# ',
  '---\n',
  '| a | b |\n|--|--|\n| 1 | 2 |\n',
  '[link](https://example.com/a_b?c=1&d="2")',
  '[odd](javascript:alert(1))',
  '![alt](https://example.com/p.png)',
  '[ref][r]\n\n[r]: https://example.com\n',
  'note[^1]\n\n[^1]: below\n',
  '<b>',
  '</i>',
  '<!-- c -->',
  '&amp;',
  '&',
  '<',
  '👩‍👩‍👧',
  '\\*',
);
const markdown = fc.array(pieces, { maxLength: 60 }).map((some) => some.join(''));

describe('Markdown for Telegram', () => {
  test('whatever an agent writes is HTML that Telegram takes', () => {
    fc.assert(
      fc.property(fc.oneof(markdown, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
        parseHtml(renderTelegramHtml(text));
      }),
      { numRuns: 300 },
    );
  });

  test('no word is lost', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const count = (where: string) => where.match(/word/g)?.length ?? 0;
        const { text: seen, entities } = parseHtml(renderTelegramHtml(text));
        const languages = entities.map((entity) => entity.language ?? '').join(' ');
        expect(count(seen) + count(languages)).toBeGreaterThanOrEqual(count(text));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['**bold** _it_ ~~no~~ `a<b`', '<b>bold</b> <i>it</i> <s>no</s> <code>a&lt;b</code>'],
    ['# Title\n\ntext', '<b>Title</b>\n\ntext'],
    ['```ts\na < b\n```', '<pre><code class="language-ts">a &lt; b</code></pre>'],
    ['- a\n- [x] b\n  - c', '• a\n• ☑ b\n  • c'],
    ['2. two\n3. three', '2. two\n3. three'],
    ['> said\n> > before', '<blockquote>said\nbefore</blockquote>'],
    ['[x](https://a.b/?q="1"&r)', '<a href="https://a.b/?q=&quot;1&quot;&amp;r">x</a>'],
    ['[x](file:///etc)', 'x (file:///etc)'],
    ['![a chart](https://a.b/c.png)', '<a href="https://a.b/c.png">a chart</a>'],
  ])('%s', (text, html) => {
    expect(renderTelegramHtml(text)).toBe(html);
  });
});

describe('Markdown for WhatsApp', () => {
  test('no word is lost', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const count = (where: string) => where.match(/word/g)?.length ?? 0;
        const fences = text.match(/^ {0,3}`{3,}.*word.*$/gm)?.join(' ') ?? '';
        expect(count(renderWhatsApp(text)) + count(fences)).toBeGreaterThanOrEqual(count(text));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['**bold** _it_ ~~no~~ `a*b`', '*bold* _it_ ~no~ `a*b`'],
    ['# A **fine** title\n\ntext', '*A fine title*\n\ntext'],
    ['```ts\nconst a = 1;\n```', '```\nconst a = 1;\n```'],
    ['- a\n- [x] b\n  - c', '- a\n- ☑ b\n  - c'],
    ['2. two\n3. three', '2. two\n3. three'],
    ['> said\n> more', '> said\n> more'],
    ['[the page](https://a.b/c_d) https://e.f', 'the page (https://a.b/c_d) https://e.f'],
    ['snake_case and 2 \\* 3', 'snake_case and 2 * 3'],
    ['**two\nlines**', '*two*\n*lines*'],
  ])('%s', (text, said) => {
    expect(renderWhatsApp(text)).toBe(said);
  });
});

describe('Markdown for a mail', () => {
  test('whatever an agent writes, every tag that is opened is closed, and none is its own', () => {
    fc.assert(
      fc.property(fc.oneof(markdown, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
        const open: string[] = [];
        for (const [, closing, name = ''] of renderMailHtml(text).matchAll(/<(\/?)([a-z0-9]+)[^<>]*>/g)) {
          expect(['script', 'i', 'b', 'style', 'img']).not.toContain(name);
          if (closing) expect(open.pop()).toBe(name);
          else if (!['hr', 'br'].includes(name)) open.push(name);
        }
        expect(open).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    [
      '# T\n\na **b** _c_ ~~d~~ `e<`',
      '<h1>T</h1><p>a <strong>b</strong> <em>c</em> <del>d</del> <code>e&lt;</code></p>',
    ],
    ['- a\n- [x] b', '<ul><li><p>a</p></li><li>☑ <p>b</p></li></ul>'],
    ['> q', '<blockquote><p>q</p></blockquote>'],
    ['[x](javascript:alert(1))', '<p>x (javascript:alert(1))</p>'],
    ['[x](https://a.b/?"onclick="1)', '<p><a href="https://a.b/?&quot;onclick=&quot;1">x</a></p>'],
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    [
      '|a|b|\n|-|-|\n|1|2|',
      '<table border="1" cellpadding="4"><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>',
    ],
  ])('%s', (text, html) => {
    expect(renderMailHtml(text)).toBe(html);
  });
});

describe('every part fits', () => {
  const seenInTelegram = (part: string) => parseHtml(renderTelegramHtml(part)).text;
  test.each([
    ['telegram', telegramFacts.capabilities.textLimit, longestSeen, seenInTelegram],
    ['slack', slackFacts.capabilities.textLimit, renderSlackMarkdown, renderSlackMarkdown],
    ['gchat', gchatFacts.capabilities.textLimit, renderGoogleChatText, renderGoogleChatText],
    ['whatsapp', whatsappCloudFacts.capabilities.textLimit, longestSaid, renderWhatsApp],
  ])('%s', (_, { max, unit }, render, seen) => {
    fc.assert(
      fc.property(fc.array(markdown, { minLength: 5, maxLength: 12 }), (texts) => {
        const limit = { max: Math.round(max / 16), unit };
        const parts = splitMarkdown(texts.join('\n'), { limit, render });
        for (const part of parts) expect(sizeOf(seen(part), unit)).toBeLessThanOrEqual(limit.max);
      }),
      { numRuns: 100 },
    );
  });
});

test('on an agent’s word nobody calls a whole Slack channel', () => {
  expect(renderSlackMarkdown('<!channel> <!here|now> <!everyone> <!subteam^S1|@team> <@U1>')).toBe(
    '@channel @here @everyone @team <@U1>',
  );
});
