import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { Parser } from '../../parser/index.js';
import type { ResendApi } from './api.js';
import { bareText } from './bare-text.js';
import { type KnownMail, rowOf } from './cut.js';
import { type Mail, mailSchema, sentMailSchema } from './packets.js';
import { readMail } from './text.js';
import type { Threads } from './threads.js';

export interface KnownDeps {
  api: ResendApi;
  threads(): Threads;
  parser: Pick<Parser, 'read'>;
  log: Log;
  signal: AbortSignal;
}

/** Of the mails that the agent sent in a thread, the newest: a person answers one of them. */
const MOST_LOOKED_AT = 4;

/**
 * The mail that another one answers, if it is one of this thread's: that came in whole, or that the agent sent. Resend
 * keeps both and is asked for the words; where it cannot tell them, nothing is known, and what is quoted stays.
 */
export async function answeredMail(
  deps: KnownDeps,
  mail: Mail,
  address: string,
  thread: string,
): Promise<KnownMail[]> {
  const { api, parser, log, signal } = deps;
  const read = (parts: { text: string; html: string }) => readMail(parts, parser, `resend:${address}`);
  try {
    const answered = await deps.threads().answered(mail, address, thread);
    if (answered === null) return [];
    if (answered.received !== null) {
      const path = `/emails/receiving/${answered.received}?html_format=cid`;
      return [[rowOf((await read(await api.read(path, mailSchema, signal))).text)]];
    }
    for (const id of answered.sent.slice(-MOST_LOOKED_AT).reverse()) {
      const sent = await api.read(`/emails/${id}`, sentMailSchema, signal);
      if (sent.message_id.replace(/[<>\s]/g, '') !== answered.messageId) continue;
      const laidOut = await read({ text: '', html: sent.html });
      return [[rowOf(sent.text), rowOf(bareText(sent.html)), rowOf(laidOut.text)]];
    }
  } catch (error) {
    log.debug({ mail: mail.id, reason: reasonOf(error) }, 'the mail that is answered cannot be looked at');
  }
  return [];
}
