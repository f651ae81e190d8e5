import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { codeOf } from '../../errors.js';
import { shortHash } from '../../ids.js';
import { jsonOf } from '../../json.js';
import type { Log } from '../../log/index.js';
import type { Parser } from '../../parser/index.js';
import type { Admitted } from '../adapter.js';
import { emailAddressIn } from '../catalog/resend.js';
import type { Attempt } from '../chat-sdk/guard.js';
import type { MailAdapter } from './adapter.js';
import { LARGEST_BYTES, type ResendApi, TOO_LARGE } from './api.js';
import { isVerified } from './authentication.js';
import { isAutomatic } from './automatic.js';
import { mayQuote } from './cut.js';
import { splitForward } from './forward.js';
import { invitationsIn } from './invitations.js';
import { answeredMail } from './known.js';
import { eventSchema, type Mail, mailSchema, receivedSchema, type Told, unreadSchema } from './packets.js';
import { isSigned } from './signature.js';
import { briefTextOf, readMail, type ShownMail, showMail } from './text.js';

export interface InboundDeps {
  api: ResendApi;
  adapter: MailAdapter;
  attempt: Attempt;
  parser: Pick<Parser, 'read'>;
  secret: string;
  /** The agent's own address. */
  address: string;
  /** Whether mails are taken in whose sender nobody vouches for. */
  acceptUnverified: boolean;
  /** How much of a mail of this address is to be read. */
  admits(address: string): Admitted;
  clock: Clock;
  now(): number;
  log: Log;
  signal: AbortSignal;
}

/** Of a mail that nobody is to answer yet, with its headers: they tell whether its sender wrote it. */
const LARGEST_BRIEF_BYTES = 4 * 1024 ** 2;
/** Mails that are held in memory at the same time; who sent them is not proven yet. */
const MOST_AT_ONCE = 3;
/** Resend calls again after 5 seconds, 5 minutes, 30 minutes and so on for a day (resend.com/docs/webhooks/retries-and-replays). */
const LATER = { status: 429, headers: { 'Retry-After': '300' } };

export interface Inbound {
  webhook(request: Request): Promise<Response>;
  /** Asks once more for a mail that could not be read, and takes it in. */
  fetch(id: string): Promise<void>;
}

/** Takes Resend's calls: what they tell of is asked for, looked at, and handed on. */
export function createInbound(deps: InboundDeps): Inbound {
  const { api, adapter, attempt, log } = deps;
  const turns = { all: createTurns(MOST_AT_ONCE), brief: createTurns(MOST_AT_ONCE) };

  async function webhook(request: Request): Promise<Response> {
    if (request.method !== 'POST') return new Response(null, { status: 405 });
    const body = await request.text();
    if (!isSigned(deps.secret, request.headers, body, deps.now())) {
      return new Response('Invalid signature', { status: 401 });
    }
    const json = jsonOf(body);
    const event = eventSchema.safeParse(json).data;
    if (!event) return new Response('Not understood', { status: 400 });
    const { type, data } = event;
    if (/^email\.(?:bounced|complained|failed|suppressed)$/.test(type)) {
      log.warn({ mail: data.email_id, event: type }, 'a mail did not arrive');
    }
    if (type !== 'email.received') return new Response('ok');
    const received = receivedSchema.safeParse(json).data;
    return received ? receive(received.data) : new Response('Not understood', { status: 400 });
  }

  /** Nothing of a mail is fetched before it is known whose it claims to be, and that they may be heard. */
  async function receive(told: Told): Promise<Response> {
    const names = [...told.to, ...told.cc, ...told.bcc];
    // Where it names nobody, the mail itself has to say for whom it is.
    const address = senderOf(names.length === 0 ? { ...told, to: [deps.address] } : told, told.email_id);
    if (!address) return new Response('ok');
    const admitted = deps.admits(address);
    if (admitted === 'later') return new Response('Too many mails', LATER);
    if (admitted !== 'none') await turns[admitted](() => fetchAndTake(told.email_id, admitted, address));
    return new Response('ok');
  }

  /** `told`: whose mail the call said it is. What is kept of a mail that cannot be read is its id: it is asked for again. */
  async function fetchAndTake(id: string, admitted: 'all' | 'brief', told: string | null): Promise<void> {
    const body = await read(id, admitted === 'all' ? LARGEST_BYTES : LARGEST_BRIEF_BYTES);
    if (body === null) return;
    const { from = '', created_at = '' } = unreadSchema.parse(body);
    const claimed = told ?? emailAddressIn(from) ?? undefined;
    const packet = {
      platformId: claimed && `resend:${claimed}`,
      senderId: claimed,
      messageId: id,
      at: Date.parse(created_at),
      raw: { id },
    };
    await attempt(packet, async () => {
      const mail = mailSchema.parse(body);
      const address = senderOf(mail, id);
      if (address !== null && address === (told ?? address)) await take(mail, address, admitted);
    });
  }

  /** Null: it never can be read, however often Resend tells of it. */
  async function read(id: string, largest: number): Promise<unknown> {
    try {
      // Without the images that stand in its text: they are attachments as well.
      const path = `/emails/receiving/${id}?html_format=cid`;
      return await api.read(path, z.unknown(), deps.signal, largest);
    } catch (error) {
      if (codeOf(error) !== TOO_LARGE) throw error;
      log.warn({ mail: id, largest }, 'a mail was refused: it has too many words to be read');
      return null;
    }
  }

  /** Null: it is not for us, or nobody whom we could answer. */
  function senderOf(mail: Pick<Mail, 'from' | 'to' | 'cc' | 'bcc'>, id: string): string | null {
    const address = emailAddressIn(mail.from);
    if (!address) {
      log.warn({ mail: id }, 'a mail was refused: its sender has no address that can be answered');
      return null;
    }
    if (address !== deps.address && isForUs(mail)) return address;
    log.debug({ mail: id }, 'a mail is our own, or for somebody else');
    return null;
  }

  async function take(mail: Mail, address: string, admitted: 'all' | 'brief'): Promise<void> {
    if (!deps.acceptUnverified && !isVerified(mail, address)) {
      const fields = { mail: mail.id, sender: shortHash(address), domain: address.split('@')[1] };
      log.warn(fields, 'a mail was refused: nobody vouches that its sender wrote it (DMARC or DKIM)');
      return;
    }
    const id = await adapter.threads.idOf(mail, address);
    if (id === null) {
      log.info({ mail: mail.id }, 'a mail was known already, under another id');
      return;
    }
    const { thread, isKnown } = await adapter.threads.threadOf(mail, address);
    await adapter.threads.remember({ ...mail, id }, address, thread);
    const senderName = nameIn(mail.from) || address;
    const automatic = isAutomatic(mail, address);
    const shown = admitted === 'all' ? await wordsOf(mail, address, thread) : briefly(mail);
    const title = titleOf(mail.subject, isKnown);
    // A mail may say all that it says in its subject.
    const text = shown.text === '' && !shown.forwarded ? (title ?? '') : shown.text;
    const at = Date.parse(mail.created_at) || deps.now();
    await adapter.take({ ...shown, text, title, id, mail, at, address, thread, senderName, automatic });
    await adapter.threads.taken(mail, address, id, admitted === 'all');
  }

  async function wordsOf(mail: Mail, address: string, thread: string): Promise<ShownMail> {
    const { parser } = deps;
    const read = await readMail(mail, parser, `resend:${address}`);
    const quotes = mayQuote(read.text, mail.subject);
    const lookup = { api, parser, log, threads: () => adapter.threads, signal: deps.signal };
    const known = quotes ? await answeredMail(lookup, mail, address, thread) : [];
    const shown = showMail(read, mail.subject, known);
    const invited = await invitationsIn(deps, mail, address);
    const text = [shown.text, ...invited.words].filter((part) => part !== '').join('\n\n');
    return { ...shown, text, problems: [...shown.problems, ...invited.problems] };
  }

  /** Everything that is sent to the domain comes here. */
  function isForUs({ to, cc, bcc }: Pick<Mail, 'to' | 'cc' | 'bcc'>): boolean {
    return [...to, ...cc, ...bcc].some(
      (one) => emailAddressIn(one)?.replace(/\+[^@]*@/, '@') === deps.address,
    );
  }

  return { webhook, fetch: (id) => fetchAndTake(id, 'all', null) };
}

function briefly(mail: Mail): ShownMail {
  const text = briefTextOf(mail);
  const passedOn = splitForward(text, mail.subject);
  const { own, ...forwarded } = passedOn ?? { own: text };
  return { text: own, problems: [], full: null, ...forwarded };
}

const ANSWERED = /^\s{0,20}(?:re|aw|antw|sv|odp|ref|rif|res|vá|ynt|ha|atb|отв?)(?:\[\d{1,3}\])?\s?:/i;

/** Its subject, unless it is that of the thread, behind the mark of an answer. */
function titleOf(written: string, isKnown: boolean): string | null {
  const subject = written.replace(/\s+/g, ' ').trim();
  return subject === '' || (isKnown && ANSWERED.test(subject)) ? null : subject;
}

function nameIn(from: string): string {
  const before = from.slice(0, Math.max(0, from.lastIndexOf('<'))).trim();
  return before.replace(/^"(.*)"$/, '$1').slice(0, 200);
}

/** Runs so many at the same time, the others in the order in which they came. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes to whoever waits, or is free.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
