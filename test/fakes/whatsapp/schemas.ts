import { z } from 'zod';

const body = z.object({ text: z.string().min(1).max(1024) });
const buttonsSchema = z.object({
  type: z.literal('button'),
  body,
  action: z.object({
    buttons: z
      .array(
        z.object({
          type: z.literal('reply'),
          reply: z.object({ id: z.string().min(1).max(256), title: z.string().min(1).max(20) }),
        }),
      )
      .min(1)
      .max(3),
  }),
});
const rowSchema = z.object({
  id: z.string().min(1).max(200),
  title: z.string().min(1).max(24),
  description: z.string().max(72).optional(),
});
const listSchema = z.object({
  type: z.literal('list'),
  body,
  action: z.object({
    button: z.string().min(1).max(20),
    sections: z.array(z.object({ rows: z.array(rowSchema).min(1).max(10) })).length(1),
  }),
});

const file = z.object({ id: z.string(), caption: z.string().max(1024).optional() });
const saidSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.object({ body: z.string().min(1).max(4096) }) }),
  z.object({
    type: z.literal('interactive'),
    interactive: z.discriminatedUnion('type', [buttonsSchema, listSchema]),
  }),
  z.object({
    type: z.literal('reaction'),
    reaction: z.object({ message_id: z.string(), emoji: z.string() }),
  }),
  z.object({ type: z.literal('image'), image: file.strict() }),
  z.object({ type: z.literal('video'), video: file.strict() }),
  z.object({ type: z.literal('audio'), audio: file.omit({ caption: true }).strict() }),
  z.object({ type: z.literal('document'), document: file.extend({ filename: z.string() }).strict() }),
]);

/** A message as `POST /<phone number id>/messages` takes it. */
export const messageSchema = z
  .object({
    messaging_product: z.literal('whatsapp'),
    recipient_type: z.literal('individual'),
    to: z.string(),
    context: z.object({ message_id: z.string() }).optional(),
  })
  .and(saidSchema);

/** The same request as a sign that a message was read, and that an answer is being written. */
export const readSchema = z.object({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: z.string(),
  typing_indicator: z.object({ type: z.literal('text') }).optional(),
});

/** The kinds of files that can be uploaded. */
export const MEDIA =
  /^(?:audio\/(?:aac|mp4|mpeg|amr|ogg|opus)|application\/(?:pdf|msword|vnd\.[\w.-]+)|text\/plain|image\/(?:jpeg|png|webp)|video\/(?:mp4|3gpp))$/;
