import type { StateAdapter } from 'chat';
import { z } from 'zod';
import { shortHash } from '../../ids.js';
import { headerValues, type Mail } from './packets.js';

const DAY_MS = 24 * 3_600_000;
const KEPT_MS = 400 * DAY_MS;
const MOST_REFERENCES = 20;
const LONGEST_SUBJECT = 200;

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

  /** `begins`: it answers nothing that is known, and nobody says that it does. */
  async function threadOf(mail: Mail, address: string): Promise<{ thread: string; begins: boolean }> {
    const references = headerValues(mail, 'references').flatMap(idsIn);
    const answered = headerValues(mail, 'in-reply-to').flatMap(idsIn);
    const own = idsIn(mail.message_id)[0] ?? mail.id;
    if (references[0]) return { thread: nameOf(references[0]), begins: false };
    if (answered[0] === undefined) return { thread: nameOf(own), begins: true };
    // Some programs name only the mail that is answered, and its id is one that Resend gave.
    const known = await state.get<unknown>(subjectKey(address, mail.subject));
    return { thread: typeof known === 'string' ? known : nameOf(answered[0]), begins: false };
  }

  async function remember(mail: Mail, address: string, thread: string): Promise<void> {
    const messageId = idsIn(mail.message_id)[0] ?? mail.id;
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

  return { threadOf, remember, headOf };
}

/** The first line that says something, without its marks. */
function subjectFrom(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/[#*_`>~|]/g, '').trim());
  const first = [...(lines.find((line) => line !== '') ?? '')];
  if (first.length === 0) return 'A message';
  return first.length <= 78 ? first.join('') : `${first.slice(0, 77).join('')}…`;
}

export type Threads = ReturnType<typeof createThreads>;
