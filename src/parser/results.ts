import { z } from 'zod';
import type { Jobs } from './jobs.js';

const LONGEST = 8_000_000;
const words = z.string().max(LONGEST);

/** What a job may come to: the process that did it may have been taken over by what it read. */
export const results: { [Name in keyof Jobs]: z.ZodType<Jobs[Name]['output']> } = {
  mail: z.object({ text: words, problem: words.nullable(), elsewhere: words }),
  calendar: words,
  teams: z.object({
    text: words,
    answered: words,
    placeholder: words,
    problems: z.array(words).max(10).exactOptional(),
    quoted: z
      .object({ text: words, from: words, messageId: words.nullable(), partial: z.boolean() })
      .exactOptional(),
    forwarded: z.object({ text: words, from: words, at: z.number().nullable() }).exactOptional(),
  }),
};

const saidSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready') }),
  z.object({ event: z.literal('parsed'), id: z.number().int(), value: z.unknown() }),
  z.object({ event: z.literal('failed'), id: z.number().int(), reason: z.string().max(1000) }),
]);
/** Parser → host. */
export type ParserMessage = z.infer<typeof saidSchema>;

export type Parsed = { kind: 'parsed'; value: unknown } | { kind: 'failed'; reason: string };

/** Null: the process does not speak as it should. */
export function checkSaid(message: unknown): 'ready' | { id: number; answer: Parsed } | null {
  const said = saidSchema.safeParse(message).data;
  if (!said) return null;
  if (said.event === 'ready') return 'ready';
  if (said.event === 'failed') return { id: said.id, answer: { kind: 'failed', reason: said.reason } };
  return { id: said.id, answer: { kind: 'parsed', value: said.value } };
}
