import { z } from 'zod';
import { jsonOf } from './json.ts';

/** What the host writes into `messages_in`, as this side understands it (the host's src/db/content.ts). */
const attachmentSchema = z.object({
  name: z.string(),
  type: z.string(),
  size: z.number(),
  path: z.string(),
  caption: z.string().optional(),
});

const files = z.array(attachmentSchema).default([]);
const nullable = z.string().nullable();

const chat = z.object({
  text: z.string(),
  chat: z.string().default(''),
  event: z.enum(['message', 'reaction', 'click']).default('message'),
  replyTo: z.string().nullable().default(null),
  change: z.object({ kind: z.enum(['edited', 'deleted']), of: z.string() }).optional(),
  quoted: z
    .object({
      text: z.string(),
      from: z.string(),
      messageId: nullable,
      partial: z.boolean(),
      attachments: files,
    })
    .optional(),
  forwarded: z.object({ text: z.string(), from: z.string(), at: z.number().nullable() }).optional(),
  subject: z
    .object({
      kind: z.string(),
      title: nullable,
      url: nullable,
      path: nullable,
      line: z.number().nullable(),
      text: nullable,
    })
    .optional(),
  root: z.object({ text: z.string(), from: z.string(), attachments: files }).optional(),
  album: z.object({ id: z.string(), parts: z.array(z.string()), late: z.boolean() }).optional(),
  attachments: files,
  problems: z.array(z.string()).default([]),
  at: z.number(),
});

const task = z.object({ prompt: z.string(), chat: z.string().default('') });

const system = z.discriminatedUnion('type', [
  z.object({ type: z.literal('news'), text: z.string() }),
  z.object({ type: z.literal('new_conversation') }),
]);

const senderSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(['owner', 'admin', 'member', 'guest']),
});

export type Attachment = z.infer<typeof attachmentSchema>;
export type ChatContent = z.infer<typeof chat>;
export type TaskContent = z.infer<typeof task>;
export type SystemContent = z.infer<typeof system>;
export type Sender = z.infer<typeof senderSchema>;

export type InboundContent =
  | { kind: 'chat'; content: ChatContent; sender: Sender }
  | { kind: 'task'; content: TaskContent }
  | { kind: 'system'; content: SystemContent }
  /** The row cannot be read; its message fails, the others go on. */
  | { kind: 'bad' };

const bad: InboundContent = { kind: 'bad' };

export function parseContent(
  kind: 'chat' | 'task' | 'system',
  content: string,
  sender: string,
): InboundContent {
  if (kind === 'task') {
    const parsed = task.safeParse(jsonOf(content));
    return parsed.success ? { kind, content: parsed.data } : bad;
  }
  if (kind === 'system') {
    const parsed = system.safeParse(jsonOf(content));
    return parsed.success ? { kind, content: parsed.data } : bad;
  }
  const said = chat.safeParse(jsonOf(content));
  const by = senderSchema.safeParse(jsonOf(sender));
  return said.success && by.success ? { kind, content: said.data, sender: by.data } : bad;
}
