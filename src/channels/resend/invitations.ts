import type { Readable } from 'node:stream';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { Parser } from '../../parser/index.js';
import type { ResendApi } from './api.js';
import { attachmentSchema, type Mail } from './packets.js';

/** Of one mail; the others are files only. */
const MOST_READ = 3;
const LONGEST_MS = 15_000;
const LARGEST_BYTES = 256 * 1024;

type File = Mail['attachments'][number];

export const isCalendar = ({ filename, content_type }: Pick<File, 'filename' | 'content_type'>): boolean =>
  /^(?:text\/calendar|application\/ics)\b/i.test(content_type) || /\.ics$/i.test(filename.slice(-10));

export async function openFile(
  api: ResendApi,
  mail: string,
  file: string,
  signal: AbortSignal,
): Promise<Readable> {
  const path = `/emails/receiving/${mail}/attachments/${file}`;
  const { download_url } = await api.read(path, attachmentSchema, signal);
  return api.download(download_url, signal);
}

export interface InvitationDeps {
  api: ResendApi;
  parser: Pick<Parser, 'read'>;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** The invitations of a mail in words. They are among its files as well: what cannot be read is only told. */
export async function invitationsIn(
  { api, parser, clock, log, signal }: InvitationDeps,
  mail: Mail,
  address: string,
): Promise<{ words: string[]; problems: string[] }> {
  const words = new Set<string>();
  const problems: string[] = [];
  for (const file of mail.attachments.filter(isCalendar).slice(0, MOST_READ)) {
    try {
      const ics = await within(clock, LONGEST_MS, signal, async (until) =>
        textOf(await openFile(api, mail.id, file.id, until)),
      );
      const said = await parser.read('calendar', ics, `resend:${address}`);
      if (said === null) throw new Error('it could not be parsed');
      // Programs attach the same invitation twice, for other programs.
      words.add(said);
    } catch (error) {
      log.info({ mail: mail.id, reason: reasonOf(error) }, 'an invitation was not read');
      problems.push('An invitation could not be read; it is among the files.');
    }
  }
  return { words: [...words], problems };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > LARGEST_BYTES) throw new Error('the invitation is too large');
  }
  return Buffer.concat(chunks).toString('utf8');
}
