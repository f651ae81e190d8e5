import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../src/clock.js';
import { type Answer, type Call, createPlatformServer, type PlatformServer } from './platform-server.js';
import { createWebhookSender, type Posting, type WebhookSender } from './webhook-sender.js';

/** A mail that the account has sent. */
export interface SentMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  files: { name: string; data: Buffer }[];
}

/** A mail that somebody sends to the account; what is left out is as a usual mail program has it. */
export interface IncomingMail {
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
  from?: string;
  to?: string[];
  subject?: string;
  text?: string;
  html?: string;
  messageId?: string;
  headers?: Record<string, unknown>;
  files?: { name: string; data: Buffer; type?: string }[];
}

/** Resend on loopback: its API with a log of what arrived, and its signed calls of the webhook. */
export interface FakeResend {
  readonly http: PlatformServer;
  readonly hook: WebhookSender;
  /** The only valid one; change it and the old one is revoked. `full`: it may also read. */
  readonly key: { value: string; full: boolean };
  readonly secret: string;
  readonly domain: { name: string; status: string };
  readonly sent: SentMail[];
  webhookUrl: string | null;
  /** Returns Resend's id of it. */
  receive(mail: IncomingMail): string;
  /** The call that tells of such a mail, not made. */
  incoming(mail: IncomingMail): Posting;
  /** A call with this body, signed, and not made. */
  posting(body: string): Posting;
  /** Any other event about a mail. */
  tell(type: string, mail: string): void;
  messageIdOf(mail: string): string;
}

const sendSchema = z
  .object({
    from: z.string(),
    to: z.array(z.email()).min(1).max(50),
    subject: z
      .string()
      .min(1)
      .max(998)
      .regex(/^[^\r\n]*$/),
    text: z.string().min(1),
    html: z.string(),
    headers: z.record(z.string(), z.string().regex(/^[^\r\n]*$/)).default({}),
    attachments: z
      .array(
        z.object({ filename: z.string().min(1), content: z.base64(), content_type: z.string().optional() }),
      )
      .default([]),
  })
  .strict();

/** An error as Resend answers it. */
export const refusal = (statusCode: number, name: string): Answer => ({
  status: statusCode,
  body: { statusCode, name, message: 'told' },
});
/** Amazon gives each mail an id of its own. */
const sentMessageId = (id: string) => `<0100-${id}@email.amazonses.com>`;
const ok = (body: object): Answer => ({ status: 200, body });

/** Svix calls again after seconds, minutes and hours. */
const RETRIES = [0, 0, 0, 4000];

export async function createFakeResend(
  clock: Clock,
  retries: readonly number[] = RETRIES,
): Promise<FakeResend> {
  const key = { value: 're_fake0000key0000for0000tests', full: true };
  const domain = { name: 'mail.example.org', status: 'verified' };
  const secret = `whsec_${Buffer.from('a secret of the fake webhook').toString('base64')}`;
  const state: { webhookUrl: string | null } = { webhookUrl: null };
  const sent: SentMail[] = [];
  const kept = new Map<string, { payload: string; id: string }>();
  const received = new Map<string, Record<string, unknown> & { message_id: string }>();
  const files = new Map<string, Buffer>();
  let count = 0;
  const nextId = (prefix: string) => {
    count += 1;
    return `${prefix}-${String(count).padStart(8, '0')}`;
  };
  function posting(body: string): Posting {
    const id = nextId('msg');
    const timestamp = String(Math.floor(clock.now() / 1000));
    const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64');
    return {
      headers: {
        'content-type': 'application/json',
        'svix-id': id,
        'svix-timestamp': timestamp,
        'svix-signature': `v1,AAAA v1,${signature}`,
      },
      body,
    };
  }
  const hook = createWebhookSender({
    url: () => state.webhookUrl ?? 'http://nowhere',
    retries,
    clock,
  });

  function send(call: Call): Answer {
    const body = sendSchema.safeParse(call.fields);
    if (!body.success) return refusal(422, 'validation_error');
    const { from, to, subject, text, html, headers, attachments } = body.data;
    if (!from.replace(/>$/, '').endsWith(`@${domain.name}`) || domain.status !== 'verified') {
      return refusal(403, 'validation_error');
    }
    const before = kept.get(call.idempotencyKey);
    const payload = call.data.toString();
    if (before) {
      return before.payload === payload ? ok({ id: before.id }) : refusal(409, 'invalid_idempotent_request');
    }
    const id = nextId('sent');
    if (call.idempotencyKey) kept.set(call.idempotencyKey, { payload, id });
    const names = attachments.map(({ filename, content }) => ({
      name: filename,
      data: Buffer.from(content, 'base64'),
    }));
    for (const one of to) sent.push({ id, to: one, subject, text, html, headers, files: names });
    return ok({ id });
  }

  function answer(call: Call): Answer | Buffer {
    const path = call.path.slice(1);
    const [first, second, mail = '', third, file = ''] = path.split('/');
    if (first === 'files') return files.get(second ?? '') ?? refusal(404, 'not_found');
    if (call.authorization !== `Bearer ${key.value}`) return refusal(403, 'invalid_api_key');
    if (path === 'emails' && call.method === 'POST') return send(call);
    if (!key.full) return refusal(401, 'restricted_api_key');
    if (path === 'domains') return ok({ data: [{ id: 'd1', ...domain }] });
    if (path === 'emails/receiving') return ok({ object: 'list', has_more: false, data: [] });
    const own = sent.find(({ id }) => id === second);
    // resend.com/docs/api-reference/emails/retrieve-email
    if (own) return ok({ object: 'email', ...own, message_id: sentMessageId(own.id), last_event: 'sent' });
    const found = second === 'receiving' ? received.get(mail) : undefined;
    if (!found) return refusal(404, 'not_found');
    if (third !== 'attachments') return ok(found);
    return ok({ object: 'attachment', id: file, download_url: `${http.origin()}/files/${file}` });
  }

  const http: PlatformServer = await createPlatformServer({
    nameOf: ({ method, path }) => `${method} ${path}`,
    answer,
  });

  const eventOf = (type: string, data: object) =>
    JSON.stringify({ type, created_at: new Date(clock.now()).toISOString(), data });

  /** Puts a mail into the mailbox; the body of the call that tells of it. */
  function keep(mail: IncomingMail): { id: string; body: string; key: string } {
    const id = nextId('mail');
    const { from = 'Ada <ada@example.org>', to = [`agent@${domain.name}`], subject = '' } = mail;
    const sender = from.replace(/^.*@|>$/g, '');
    const attachments = (mail.files ?? []).map(
      ({ name, data, type: content_type = 'application/octet-stream' }) => {
        const file = nextId('file');
        files.set(file, data);
        return { id: file, filename: name, content_type, content_disposition: 'attachment' };
      },
    );
    const message_id = mail.messageId ?? `<${id}@${sender}>`;
    const created_at = new Date(clock.now()).toISOString().replace('T', ' ').replace('Z', '+00');
    const told = { from, to, cc: [], bcc: [], created_at, subject, message_id, attachments };
    const verdict = `amazonses.com; spf=pass (spfCheck: domain of ${sender} designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1; dkim=pass header.i=@${sender}; dmarc=pass header.from=${sender};`;
    const headers = {
      'authentication-results': verdict,
      'return-path': `<ada@${sender}>`,
      ...mail.headers,
    };
    const { text = null, html = null } = mail;
    received.set(id, { object: 'email', id, ...told, text, html, headers });
    if (mail.garbled) Object.assign(received.get(id) ?? {}, { text: 5 });
    return { id, key: from, body: eventOf('email.received', { email_id: id, ...told }) };
  }

  return {
    http,
    hook,
    key,
    secret,
    domain,
    sent,
    get webhookUrl() {
      return state.webhookUrl;
    },
    set webhookUrl(value) {
      state.webhookUrl = value;
    },
    receive(mail) {
      const { id, key, body } = keep(mail);
      hook.send(key, () => posting(body));
      return id;
    },
    incoming: (mail) => posting(keep(mail).body),
    posting,
    tell: (type, email_id) => hook.send('resend', () => posting(eventOf(type, { email_id }))),
    messageIdOf: (mail) =>
      received.get(mail)?.message_id ?? (sent.some(({ id }) => id === mail) ? sentMessageId(mail) : ''),
  };
}
