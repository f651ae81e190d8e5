import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseContent } from '../../../container/agent-runner/src/content.ts';
import { composeReply } from '../../../container/agent-runner/src/poll-loop/reply.ts';
import { renderPrompt } from '../../../container/agent-runner/src/prompt.ts';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import { createHarness, direct } from './harness.js';

/** Words that stand nowhere else, so that each can be looked for. */
let words = 0;
const marked = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => {
  words += 1;
  return `w${words}w ${text}`;
});
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const file = marked.map((text) => ({
  name: `${text.split(' ')[0]}.txt`,
  mimeType: 'text/plain',
  size: null,
  open: async () => Readable.from([Buffer.from(text)]),
}));
const files = fc.array(file, { maxLength: 2 });

const said = fc.record({
  text: marked,
  quoted: maybe(
    fc.record({
      text: marked,
      from: marked,
      messageId: fc.constant('unseen'),
      partial: fc.boolean(),
      files,
    }),
  ),
  forwarded: maybe(fc.record({ text: marked, from: marked, at: fc.constant(5) })),
  subject: maybe(
    fc.record({
      kind: fc.constantFrom('issue', 'diff', 'mail'),
      title: marked,
      url: marked,
      path: marked,
      line: fc.nat(),
      text: marked,
    }),
  ),
  root: maybe(fc.record({ text: marked, from: marked, messageId: fc.constant(null), files })),
  problems: maybe(fc.array(marked, { maxLength: 2 })),
  attachments: files,
});

/** Every marked word of a value, however deep. */
const wordsIn = (value: unknown): string[] => JSON.stringify(value).match(/\bw\d+w\b/g) ?? [];

describe('no word vanishes', () => {
  it('of a person: each stands in what the agent reads', async () => {
    const h = createHarness();
    h.register({ platformId: 'telegram:77', isGroup: false });
    let threads = 0;
    const property = fc.asyncProperty(said, async ({ root, ...spoken }) => {
      threads += 1;
      const event = direct(spoken.text, {
        ...(Object.fromEntries(
          Object.entries(spoken).filter(([, value]) => value !== undefined),
        ) as Partial<InboundEvent>),
        threadId: `t${threads}`,
        ...(root ? { root: async () => root } : {}),
      });
      await h.router.routeInbound(event);
      const row = h.rows('family').at(-1);
      const body = parseContent('chat', JSON.stringify(row?.content), JSON.stringify(row?.sender));
      const address = { channelType: 'telegram', platformId: 'telegram:77', threadId: '' };
      const message = { id: 'in_1', seq: 2, trigger: true, seriesId: null, createdAt: 0, address, body };
      const prompt = renderPrompt({ timeZone: 'UTC', seqOf: () => null }, { messages: [message] });
      for (const word of wordsIn([spoken, root])) expect(prompt).toContain(word);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('of the agent: what it answered is said, and the longest that it wrote', () => {
    const answer = fc.record({
      text: fc
        .tuple(marked, fc.integer({ min: 0, max: 80 }))
        .map(([text, times]) => text + ' and so on'.repeat(times)),
      beforeTool: fc.boolean(),
      end: fc.constant('whole' as const),
    });
    const property = fc.property(fc.array(answer, { minLength: 1, maxLength: 6 }), (answers) => {
      const reply = composeReply({ earlier: [], answers, sent: [], most: 1_000_000 });
      const longest = Math.max(...answers.map((one) => one.text.trim().length));
      const meant = answers.filter((one) => !one.beforeTool);
      // A note that is no longer than an answer may give way to it.
      const main = meant.some((one) => one.text.trim().length === longest)
        ? undefined
        : answers.find((one) => one.text.trim().length === longest);
      for (const one of [...meant, ...(main ? [main] : [])]) {
        for (const word of wordsIn(one.text)) expect(reply).toContain(word);
      }
      expect(reply).not.toBe('');
    });
    fc.assert(property, { numRuns: 300 });
  });
});
