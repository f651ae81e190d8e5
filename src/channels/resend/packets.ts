import { z } from 'zod';
import { jsonOf } from '../../json.js';

/** What Resend calls with (resend.com/docs/dashboard/webhooks/event-types); the mail itself is to be asked for. */
export const eventSchema = z.object({
  type: z.string(),
  data: z.object({ email_id: z.string().regex(/^[\w-]{1,100}$/) }),
});

const words = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
const addresses = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

/** A mail that came in (resend.com/docs/api-reference/emails/retrieve-received-email). */
export const mailSchema = z.object({
  id: z.string().min(1).max(100),
  from: z.string(),
  to: addresses,
  cc: addresses,
  bcc: addresses,
  created_at: z.string(),
  subject: words,
  text: words,
  html: words,
  message_id: words,
  headers: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform(
      (head) => new Map(Object.entries(head ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    ),
  attachments: z
    .array(
      z.object({
        id: z.string().regex(/^[\w-]{1,100}$/),
        filename: words,
        content_type: words,
        content_disposition: words,
        size: z.number().nonnegative().nullish(),
      }),
    )
    .nullish()
    .transform((list) => list ?? []),
});
export type Mail = z.infer<typeof mailSchema>;

export const attachmentSchema = z.object({ download_url: z.url() });
export const sentSchema = z.object({ id: z.string().min(1) });

const listSchema = z.array(z.string());

/** The values of a header, which Resend tells as a text, as a list, or as a list in a text where it stands twice. */
export function headerValues({ headers }: Pick<Mail, 'headers'>, name: string): string[] {
  const value = headers.get(name);
  const list = listSchema.safeParse(value).data;
  if (list) return list;
  if (typeof value !== 'string') return [];
  if (!value.trim().startsWith('[')) return [value];
  return listSchema.safeParse(jsonOf(value)).data ?? [value];
}
