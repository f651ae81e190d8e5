import type { StateAdapter } from 'chat';
import { z } from 'zod';
import { shortHash } from '../../ids.js';
import { headerValues, type Mail } from './packets.js';

const DAY_MS = 24 * 3_600_000;
const KEPT_MS = 400 * DAY_MS;
const MOST_REFERENCES = 20;
const LONGEST_SUBJECT = 200;

/** Of the mails that went out in a thread, the newest. */
const MOST_SENT = 20;

/** What is known of a mail's own Message-ID: Resend's id of it when it first came, and whether it was taken in (whole). */
const seenSchema = z.object({ id: z.string(), taken: z.boolean(), whole: z.boolean().optional() });
const idsSchema = z.array(z.string().regex(/^[\w-]{1,100}$/));

/** What of a thread an answer needs (RFC 5322, section 3.6.4). Message ids are without their brackets. */
const threadSchema = z.object({ subject: z.string(), references: z.array(z.string()).min(1) });
const mailSchema = z.object({ messageId: z.string(), thread: z.string() });
const headSchema = z.object({ subject: z.string(), headers: z.record(z.string(), z.string()) });
/** What stands over a mail that goes out. */
export type Head = z.infer<typeof headSchema>;

export interface OutgoingMail {
  address: string;
  /** Empty: it begins a thread. */
  thread: string;
  /** Resend's id of the mail that it answers. */
  replyTo: string | null;
  text: string;
  /** The same for every attempt at the same mail. */
  key: string;
}

const ID = /<([^<>\s\p{Cc}]{1,250})>/gu;
const idsIn = (text: string) => [...text.matchAll(ID)].map((found) => found[1] ?? '');

const ownId = (mail: Mail) => idsIn(mail.message_id)[0] ?? mail.id;

/** The root's message id names the thread, so that an answer finds its way also where nothing is remembered. */
const nameOf = (root: string) => (/^[\w.+=@$-]{1,120}$/.test(root) ? root : `h_${shortHash(root, 32)}`);

/** One line, without the marks of an answer. */
const bare = (subject: string) =>
  subject
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/^(?:\s*(?:re|aw|sv|antw|fwd?|wg)\s*:)+/i, '')
    .trim();

/** Which mails belong together, kept on disk. */
export function createThreads(state: StateAdapter) {
  const threadKey = (address: string, thread: string) => `resend:thread:${address}:${thread}`;
  const subjectKey = (address: string, subject: string) =>
    `resend:subject:${address}:${shortHash(bare(subject).toLowerCase(), 32)}`;

  const sentKey = (address: string, thread: string) => `resend:sent:${address}:${thread}`;

  /** `isKnown`: something of it was taken in or sent before. */
  async function threadOf(mail: Mail, address: string): Promise<{ thread: string; isKnown: boolean }> {
    const thread = await nameOfThread(mail, address);
    return { thread, isKnown: (await state.get<unknown>(threadKey(address, thread))) !== null };
  }

  async function nameOfThread(mail: Mail, address: string): Promise<string> {
    const references = headerValues(mail, 'references').flatMap(idsIn);
    const answered = headerValues(mail, 'in-reply-to').flatMap(idsIn);
    if (references[0]) return nameOf(references[0]);
    if (answered[0] === undefined) return nameOf(ownId(mail));
    // Some programs name only the mail that is answered, and its id is one that Resend gave.
    const known = await state.get<unknown>(subjectKey(address, mail.subject));
    return typeof known === 'string' ? known : nameOf(answered[0]);
  }

  const seenIdKey = (id: string, address: string) => `resend:seen:${address}:${shortHash(id, 32)}`;
  const seenKey = (mail: Mail, address: string) => {
    const own = idsIn(mail.message_id)[0] ?? mail.message_id.replace(/\s/g, '');
    return own === '' ? null : seenIdKey(own, address);
  };

  /**
   * The id under which this mail is to be taken in: whoever has a copy can send it again, signature and all, and then it
   * has another id of Resend's. Null: it was taken in under another.
   */
  async function idOf(mail: Mail, address: string): Promise<string | null> {
    const key = seenKey(mail, address);
    if (key === null) return mail.id;
    await state.setIfNotExists(key, { id: mail.id, taken: false }, KEPT_MS);
    const first = seenSchema.safeParse(await state.get(key)).data ?? { id: mail.id, taken: false };
    return first.taken && first.id !== mail.id ? null : first.id;
  }

  /** `whole`: the conversation has all of its words. */
  async function taken(mail: Mail, address: string, id: string, whole: boolean): Promise<void> {
    const key = seenKey(mail, address);
    if (key !== null) await state.set(key, { id, taken: true, whole }, KEPT_MS);
  }

  async function sent(address: string, thread: string, id: string): Promise<void> {
    const before = idsSchema.safeParse(await state.get(sentKey(address, thread))).data ?? [];
    const ids = [...before.filter((one) => one !== id), id].slice(-MOST_SENT);
    await state.set(sentKey(address, thread), ids, KEPT_MS);
  }

  /**
   * The mail that this one answers, if it can be one of its thread: Resend's id of one that came in, or of those that
   * went out, whose Message-ID only Resend knows.
   */
  async function answered(mail: Mail, address: string, thread: string) {
    const replied = headerValues(mail, 'in-reply-to').flatMap(idsIn);
    const messageId = replied[0] ?? headerValues(mail, 'references').flatMap(idsIn).at(-1);
    if (messageId === undefined || replied.length > 1) return null;
    const seen = seenSchema.safeParse(await state.get(seenIdKey(messageId, address))).data;
    if (seen) {
      const kept = mailSchema.safeParse(await state.get(`resend:mail:${seen.id}`)).data;
      const isHere = seen.taken && seen.whole === true && kept?.thread === thread;
      return isHere ? { messageId, received: seen.id, sent: [] } : null;
    }
    const ids = idsSchema.safeParse(await state.get(sentKey(address, thread))).data ?? [];
    return ids.length === 0 ? null : { messageId, received: null, sent: ids };
  }

  async function remember(mail: Mail, address: string, thread: string): Promise<void> {
    const messageId = ownId(mail);
    const before = threadSchema.safeParse(await state.get(threadKey(address, thread))).data;
    const told = headerValues(mail, 'references').flatMap(idsIn);
    const all = [...new Set([...(before?.references ?? told), messageId])];
    // The first names the thread for every program; of the others the newest count.
    const references =
      all.length > MOST_REFERENCES ? [...all.slice(0, 1), ...all.slice(1 - MOST_REFERENCES)] : all;
    const subject = before?.subject ?? bare(mail.subject).slice(0, LONGEST_SUBJECT);
    await state.set(threadKey(address, thread), { subject, references }, KEPT_MS);
    await state.set(`resend:mail:${mail.id}`, { messageId, thread }, KEPT_MS);
    if (bare(mail.subject) !== '') await state.set(subjectKey(address, mail.subject), thread, KEPT_MS);
  }

  /** Written down before the first attempt: Resend refuses the same key with another mail. */
  async function headOf(mail: OutgoingMail): Promise<Head> {
    const kept = headSchema.safeParse(await state.get(`resend:head:${mail.key}`)).data;
    const head = kept ?? (await newHead(mail));
    if (!kept) await state.set(`resend:head:${mail.key}`, head, 2 * DAY_MS);
    return head;
  }

  async function newHead({ address, thread, replyTo, text }: OutgoingMail): Promise<Head> {
    const answered = replyTo && mailSchema.safeParse(await state.get(`resend:mail:${replyTo}`)).data;
    const name = thread || (answered ? answered.thread : '');
    const known = threadSchema.safeParse(await state.get(threadKey(address, name))).data;
    const root = name === '' || name.startsWith('h_') ? [] : [name];
    const references = known?.references ?? root;
    const last = (answered ? answered.messageId : null) ?? references.at(-1);
    if (last === undefined)
      return { subject: subjectFrom(text), headers: { 'Auto-Submitted': 'auto-generated' } };
    const chain = [...references.filter((id) => id !== last), last].map((id) => `<${id}>`);
    return {
      subject: `Re: ${known?.subject || 'your mail'}`,
      headers: {
        'In-Reply-To': `<${last}>`,
        References: chain.join(' '),
        'Auto-Submitted': 'auto-replied',
      },
    };
  }

  return { idOf, taken, sent, answered, threadOf, remember, headOf };
}

/** The first line that says something, without its marks. */
function subjectFrom(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/[#*_`>~|]/g, '').trim());
  const first = [...(lines.find((line) => line !== '') ?? '')];
  if (first.length === 0) return 'A message';
  return first.length <= 78 ? first.join('') : `${first.slice(0, 77).join('')}…`;
}

export type Threads = ReturnType<typeof createThreads>;
