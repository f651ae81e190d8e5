import { parseMarkdown } from 'chat';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutImages } from '../../../src/channels/images/index.js';

/** What CommonMark with GitHub's extensions would load of this text. */
function loaded(markdown: string): string[] {
  const found: string[] = [];
  const look = (node: { type: string; value?: unknown; lang?: unknown; children?: unknown[] }): void => {
    if (node.type === 'image' || node.type === 'imageReference') found.push(node.type);
    if (
      node.type === 'html' &&
      /<[a-z][^>]*(?:src|srcset|background|poster|style|data)\s*=/i.test(String(node.value))
    )
      found.push(String(node.value));
    if (node.type === 'code' && /mermaid/i.test(String(node.lang)) && /https?:/.test(String(node.value)))
      found.push(String(node.lang));
    for (const child of node.children ?? []) look(child as typeof node);
  };
  look(parseMarkdown(markdown));
  return found;
}

describe('Markdown without images', () => {
  it.each([
    ['![a cat](https://e.example/c.png)', '[a cat](https://e.example/c.png)'],
    ['![a cat](<https://e.example/c.png> "title")', '[a cat](<https://e.example/c.png> "title")'],
    ['![](https://e.example/c.png)', '[image](https://e.example/c.png)'],
    ['![a][b]\n\n[b]: https://e.example', '[a][b]\n\n[b]: https://e.example'],
    ['![b][]\n\n[b]: https://e.example', '[b][]\n\n[b]: https://e.example'],
    ['![b]\n\n[b]: https://e.example', '[b]\n\n[b]: https://e.example'],
    ['[![build](https://e.example/b.svg)](https://ci.example)', '[build](https://ci.example)'],
    ['look!![a](https://e.example)', 'look[a](https://e.example)'],
    ['\\![a](https://e.example)', '\\! [a](https://e.example)'],
    ['![a\nb](https://e.example)', '[a\nb](https://e.example)'],
    ['| ![a](https://e.example) |\n|---|', '| [a](https://e.example) |\n|---|'],
    ['<img src="https://e.example/c.png" alt="a cat">', '[image: a cat] https://e.example/c.png'],
    ["<IMG\n  SRC='https://e.example/c.png'/>", '[image] https://e.example/c.png'],
    ['<img srcset="https://e.example/c.png 2x">', '[image] https://e.example/c.png 2x'],
    ['<image href="https://e.example/c">', '[image] https://e.example/c'],
    ['<video src="https://e.example/v">', '‹video src="https://e.example/v">'],
    ['<td background="https://e.example">', '‹td background="https://e.example">'],
    ['<p style="background:url(//e.example)">', '‹p style="background:url(//e.example)">'],
    [
      '<a href="https://e.example" ping="https://e.example">',
      '‹a href="https://e.example" ping="https://e.example">',
    ],
    ['<svg><use href="https://e.example#a"/></svg>', '‹svg><use href="https://e.example#a"/>‹/svg>'],
    ['<!--> <img src="https://e.example"> -->', '‹!--> [image] https://e.example -->'],
    ['<!-- a\n\n![a](https://e.example)\n\n-->', '‹!-- a\n\n[a](https://e.example)\n\n-->'],
    ['```mermaid\nA@{ img: "https://e.example" }\n```', '```\nA@{ img: "https://e.example" }\n```'],
    ['- ```mer&#109;aid\n  A@{ img: "//e.example" }\n  ```', '- ```\n  A@{ img: "//e.example" }\n  ```'],
  ])('%j is %j', (markdown, expected) => {
    expect(withoutImages(markdown)).toBe(expected);
    expect(withoutImages(expected)).toBe(expected);
    expect(loaded(withoutImages(markdown))).toEqual([]);
  });

  it.each([
    'Wow! [a](https://e.example) and a <b>word</b>, <https://e.example>, <ada@e.example>, 1 < 2 and x<y and z>w.',
    'Write `![a](https://e.example)` or `<img src="a.png">`.',
    'So:\n```md\n![a](https://e.example)\n<img src="https://e.example">\n```\nDone!',
    '~~~rust\nlet a = vec![1, 2];\n~~~',
    '```mermaid\nA --> B\n```',
    '<details open><summary>More</summary>\n\n<a href="https://e.example">there</a>\n\n</details>',
    '<p align="center">a<br/>b</p> <!-- aside -->',
    '<!channel> <!here|here> <@U1> <#C1|general> <users/all> <t:1700000000:R> <a:wave:123> </ask:123>',
    'Generics: Map<String, List<Int>> and a<b.',
    '',
  ])('%j stays as it is', (markdown) => {
    expect(withoutImages(markdown)).toBe(markdown);
  });

  it.each([
    'a fence that is indented code\n\n    ```\n![a](https://e.example)\n    ```',
    'a fence that closes another\n```\n    ```\n```\n![a](https://e.example)\n```',
    ' ```\ncode\n```\n![a](https://e.example)\n```',
    '<div>\n```\n</div>\n\n![a](https://e.example)\n\n```',
    '<pre>\n\n```\n</pre>\n![a](https://e.example)\n```',
    '- ```\n```\n```\n![a](https://e.example)',
    '`` `\n`![a](https://e.example)`\n` ``',
    '`\n`![a](https://e.example)`',
    '| ` | ![a](https://e.example) | ` |\n|---|---|---|',
    '\\`![a](https://e.example)`',
    '<a title="`">![a](https://e.example)`',
    '```\r![a](b)\r```\r![a](https://e.example)\r```',
    '<p <b style="background:url(//e.example)">',
    '<p < style="background:url(//e.example)">',
    '!<img alt="x](https://e.example)" src=u>',
    '!<img alt="x" src=u>\n\n[image: x]: https://e.example',
    '~~~ `a\n~~~\n![a](https://e.example)\n~~~',
    '```a`\n![a](https://e.example)\n```',
    '[^1]: ```\n```\n![a](https://e.example)\n```\n\n[^1]',
  ])('code that is none hides nothing: %j', (markdown) => {
    const inert = withoutImages(markdown);
    expect(loaded(inert)).toEqual([]);
    // Those who read HTML as browsers do see no end of a tag in `<`.
    expect(inert).not.toMatch(/<[a-z][^>]*style/);
  });

  it('code of a platform with rules of its own hides no image either', () => {
    const code = '```\n![a](https://e.example) <img src="https://e.example"> vec![1]\n```';
    expect(withoutImages(code, { strict: true })).toBe(
      '```\n[a](https://e.example) ‹img src="https://e.example"> vec![1]\n```',
    );
    expect(withoutImages('`![a](//e.example)`', { strict: true })).toBe('`[a](//e.example)`');
  });

  const HOSTILE = [
    ...[
      '![',
      '![]',
      '!',
      '[',
      ']',
      '](',
      '](https://e.example)',
      '[b]',
      '[b]: https://e.example',
      '(',
      ')',
      '\\',
      '|',
    ],
    ...[
      '`',
      '``',
      '```',
      '````',
      '~~~',
      '\n',
      '\n\n',
      '\r',
      '    ',
      '  ',
      ' ',
      '> ',
      '- ',
      '1. ',
      '#',
      '\t',
      'a',
      '[^1]: ',
    ],
    ...[
      '<img src="https://e.example">',
      '<img ',
      'src=https://e.example',
      '>',
      '<',
      '<!--',
      '-->',
      '<div>',
      '</div>',
    ],
    ...[
      '<pre>',
      '</pre>',
      '<a title="',
      '"',
      "'",
      '<?',
      '?>',
      '<![CDATA[',
      '```mermaid',
      'https://e.example',
      '\n|---|---|\n',
    ],
  ];

  it('loads nothing, whatever is put together, be it done once or twice', () => {
    const text = fc.array(fc.constantFrom(...HOSTILE), { maxLength: 30 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, (markdown) => {
        const once = withoutImages(markdown);
        expect(loaded(once)).toEqual([]);
        expect(loaded(withoutImages(once))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
