import { z } from 'zod';
import { jsonOf } from '../../json.js';

/** What Resend calls with (resend.com/docs/dashboard/webhooks/event-types); the mail itself is to be asked for. */
const words = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
const addresses = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

const id = z.string().regex(/^[\w-]{1,100}$/);
/** What Resend calls with (resend.com/docs/dashboard/webhooks/event-types). */
export const eventSchema = z.object({ type: z.string(), data: z.object({ email_id: id }) });
/** Of a mail that came in it tells who wrote to whom; the rest is to be asked for (resend.com/docs/webhooks/emails/received). */
export const receivedSchema = z.object({
  data: z.object({ email_id: id, from: z.string(), to: addresses, cc: addresses, bcc: addresses }),
});
export type Told = z.infer<typeof receivedSchema>['data'];

const headerSchema = z.object({ name: z.string(), value: z.unknown() });

/** All values of a name, however it is written: one spelling must not hide what stands under another. */
function headersOf(told: Record<string, unknown> | z.infer<typeof headerSchema>[]): Map<string, unknown> {
  const all = Array.isArray(told) ? told : Object.entries(told).map(([name, value]) => ({ name, value }));
  const headers = new Map<string, unknown[]>();
  for (const { name, value } of all) {
    const key = name.trim().toLowerCase();
    const values = headers.get(key) ?? [];
    headers.set(key, values);
    for (const one of Array.isArray(value) ? value : [value]) values.push(one);
  }
  return headers;
}

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
    .union([z.record(z.string(), z.unknown()), z.array(headerSchema)])
    .nullish()
    .transform((head) => headersOf(head ?? {})),
  attachments: z
    .array(
      z.object({
        id,
        filename: words,
        content_type: words,
        content_disposition: words,
        size: z.number().nonnegative().nullish(),
      }),
    )
    .nullish()
    .transform((list) => list ?? []),
});
const told = z.string().optional().catch(undefined);
/** What is told of a mail before it is read. */
export const unreadSchema = z.object({ from: told, created_at: told }).catch({});
export type Mail = z.infer<typeof mailSchema>;

export const attachmentSchema = z.object({ download_url: z.url() });
export const sentSchema = z.object({ id: z.string().min(1) });
/** A mail that was sent, with the Message-ID that its reader sees (resend.com/docs/api-reference/emails/retrieve-email). */
export const sentMailSchema = z.object({ message_id: words, text: words, html: words });

const listSchema = z.array(z.string());

/** The values of a header that are text. */
export const headerValues = (mail: Pick<Mail, 'headers'>, name: string): string[] =>
  readHeader(mail, name).filter((value) => value !== null);

/**
 * The values of a header, which Resend tells as a text, as a list, or as a list in a text where it stands twice. Null
 * for one that is no text.
 */
export function readHeader({ headers }: Pick<Mail, 'headers'>, name: string): (string | null)[] {
  const told = headers.get(name);
  const values: unknown[] = Array.isArray(told) ? told : told === undefined ? [] : [told];
  return values.flatMap((value) => {
    if (typeof value !== 'string') return [null];
    if (!value.trim().startsWith('[')) return [value];
    return listSchema.safeParse(jsonOf(value)).data ?? [value];
  });
}
