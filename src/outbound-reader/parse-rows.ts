import { z } from 'zod';
import type { RawValue } from '../db/outbound/index.js';
import { jsonOf } from '../json.js';
import { type AckRow, chatContentSchema, type OutboundRow, systemContentSchema } from './types.js';

/** Deeper JSON than any card: refused before something walks it recursively. */
const MAX_DEPTH = 64;

const id = z.string().regex(/^[\w-]{1,100}$/, 'is not an id');
const when = z.number().int().nonnegative();

const rowSchema = z.object({
  seq: z.number().refine((seq) => seq % 2 === 1, 'is even, which is not the container’s'),
  id,
  incarnation: z.number().int(),
  turnId: z.string().max(100),
  inReplyTo: z.string().nullable(),
  kind: z.enum(['chat', 'system']),
  deliverAfter: when.nullable(),
  channelType: z.string(),
  platformId: z.string(),
  threadId: z.string(),
  content: z.string('is missing, not text, or over 1 MB'),
  createdAt: when,
});

/** One row of messages_out whose seq is known to be a number. What cannot be accepted comes back with `content` null and the `problem`. */
export function parseRow(raw: RawValue[]): OutboundRow {
  const [seq, rowId, incarnation, turnId, inReplyTo, kind, deliverAfter, ...rest] = raw;
  const [channelType, platformId, threadId, content, createdAt] = rest;
  const address = { channelType, platformId, threadId };
  const parsed = rowSchema.safeParse({
    ...{ seq, id: rowId, incarnation, turnId, inReplyTo, kind, deliverAfter, ...address, content, createdAt },
  });
  if (!parsed.success) return refused(raw, problemOf(parsed.error));
  const checked = checkContent(parsed.data.kind, parsed.data.content);
  return { ...parsed.data, ...checked };
}

/** One row of processing_ack, or null where it has no known form. */
export function parseAck([n, messageId, status, incarnation]: RawValue[]): AckRow | null {
  return ackSchema.safeParse({ n, messageId, status, incarnation }).data ?? null;
}

const ackSchema = z.object({
  n: z.number().int().positive(),
  messageId: z.string().min(1),
  status: z.enum(['processing', 'done', 'failed']),
  incarnation: z.number().int(),
});

function checkContent(kind: 'chat' | 'system', json: string): Pick<OutboundRow, 'content' | 'problem'> {
  if (depthOf(json) > MAX_DEPTH) return { content: null, problem: 'content is nested too deeply' };
  const value = jsonOf(json);
  if (value === undefined) return { content: null, problem: 'content is not JSON' };
  const parsed = (kind === 'chat' ? chatContentSchema : systemContentSchema).safeParse(value);
  if (parsed.success) return { content: parsed.data, problem: null };
  return { content: null, problem: problemOf(parsed.error, 'content') };
}

/** Enough of a bad row to answer it once and to get past it. */
function refused(raw: RawValue[], problem: string): OutboundRow {
  const [seq, rowId, , , , kind] = raw;
  const textAt = (index: number) => z.string().safeParse(raw[index]).data ?? '';
  return {
    seq: typeof seq === 'number' ? seq : 0,
    id: id.safeParse(rowId).data ?? `refused-${seq}`,
    incarnation: z.number().int().safeParse(raw[2]).data ?? 0,
    turnId: textAt(3),
    inReplyTo: null,
    kind: kind === 'system' ? 'system' : 'chat',
    deliverAfter: null,
    channelType: textAt(7),
    platformId: textAt(8),
    threadId: textAt(9),
    content: null,
    problem,
    createdAt: when.safeParse(raw[11]).data ?? 0,
  };
}

/** The first thing that is wrong, without the value itself. */
function problemOf(error: z.ZodError, prefix?: string): string {
  const issue = error.issues[0];
  const path = [...(prefix ? [prefix] : []), ...(issue?.path ?? [])].join('.');
  return `${path} ${issue?.message ?? 'is not acceptable'}`.slice(0, 300);
}

/** Deepest nesting of a JSON text, without parsing it. One look at each character, whatever the text. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}
