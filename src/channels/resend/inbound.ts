import { z } from 'zod';
import { codeOf } from '../../errors.js';
import { shortHash } from '../../ids.js';
import { jsonOf } from '../../json.js';
import type { Log } from '../../log.js';
import { emailAddressIn } from '../catalog/resend.js';
import type { MailAdapter } from './adapter.js';
import { type ResendApi, TOO_LARGE } from './api.js';
import { isVerified } from './authentication.js';
import { isAutomatic } from './automatic.js';
import { eventSchema, type Mail, mailSchema } from './packets.js';
import { isSigned } from './signature.js';
import { textOf } from './text.js';

export interface InboundDeps {
  api: ResendApi;
  adapter: MailAdapter;
  secret: string;
  /** The agent's own address. */
  address: string;
  /** Whether mails are taken in whose sender nobody vouches for. */
  acceptUnverified: boolean;
  now(): number;
  log: Log;
  signal: AbortSignal;
}

/** Takes Resend's calls: what they tell of is asked for, looked at, and handed on. */
export function createInbound(deps: InboundDeps): (request: Request) => Promise<Response> {
  const { api, adapter, log } = deps;

  return async (request) => {
    if (request.method !== 'POST') return new Response(null, { status: 405 });
    const body = await request.text();
    if (!isSigned(deps.secret, request.headers, body, deps.now())) {
      return new Response('Invalid signature', { status: 401 });
    }
    const event = eventSchema.safeParse(jsonOf(body)).data;
    if (!event) return new Response('Not understood', { status: 400 });
    const { type, data } = event;
    if (/^email\.(?:bounced|complained|failed|suppressed)$/.test(type)) {
      log.warn({ mail: data.email_id, event: type }, 'a mail did not arrive');
    }
    if (type !== 'email.received') return new Response('ok');
    const told = await read(data.email_id);
    if (told === null) return new Response('ok');
    const mail = mailSchema.safeParse(told);
    if (mail.success) await take(mail.data);
    else log.error({ mail: data.email_id }, 'a mail was not understood');
    return new Response('ok');
  };

  /** Null: it never can be read, however often Resend tells of it. */
  async function read(id: string): Promise<unknown> {
    try {
      return await api.read(`/emails/receiving/${id}`, z.unknown(), deps.signal);
    } catch (error) {
      if (codeOf(error) !== TOO_LARGE) throw error;
      log.warn({ mail: id }, 'a mail was refused: its words are larger than 16 MB');
      return null;
    }
  }

  async function take(mail: Mail): Promise<void> {
    const address = emailAddressIn(mail.from);
    if (!address) {
      log.warn({ mail: mail.id }, 'a mail was refused: its sender has no address that can be answered');
      return;
    }
    if (address === deps.address || !isForUs(mail)) {
      log.debug({ mail: mail.id }, 'a mail is our own, or for somebody else');
      return;
    }
    if (!deps.acceptUnverified && !isVerified(mail, address)) {
      const fields = { mail: mail.id, sender: shortHash(address), domain: address.split('@')[1] };
      log.warn(fields, 'a mail was refused: nobody vouches that its sender wrote it (DMARC or DKIM)');
      return;
    }
    const { thread, begins } = await adapter.threads.threadOf(mail, address);
    await adapter.threads.remember(mail, address, thread);
    const senderName = nameIn(mail.from) || address;
    const automatic = isAutomatic(mail, address);
    const text = said(mail, begins);
    const at = Date.parse(mail.created_at) || deps.now();
    await adapter.take({ mail, text, at, address, thread, senderName, automatic });
  }

  /** Everything that is sent to the domain comes here. */
  function isForUs({ to, cc, bcc }: Mail): boolean {
    return [...to, ...cc, ...bcc].some(
      (one) => emailAddressIn(one)?.replace(/\+[^@]*@/, '@') === deps.address,
    );
  }
}

/** What a mail says: its subject too where it begins a thread, unless it is a single word, such as a code or a command. */
function said(mail: Mail, begins: boolean): string {
  const forwards = /^\s*(?:fwd?|wg|tr|rv)\s*:/i.test(mail.subject);
  const text = textOf(mail, !begins && !forwards);
  const subject = mail.subject.replace(/\s+/g, ' ').trim();
  const shown = begins && subject !== '' && !/^(?:\/.*|\S+)$/.test(text);
  if (!shown) return text;
  return text === '' ? subject : `Subject: ${subject}\n\n${text}`;
}

function nameIn(from: string): string {
  const before = from.slice(0, Math.max(0, from.lastIndexOf('<'))).trim();
  return before.replace(/^"(.*)"$/, '$1').slice(0, 200);
}
