import { Readable } from 'node:stream';
import type { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { resendFacts } from '../catalog/resend.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { errorOfAnswer } from './errors.js';

export const DEFAULT_API_URL = 'https://api.resend.com';
/** Only a key with full access may read it. */
export const LIST_PATH = '/emails/receiving?limit=1';
const LONGEST_REQUEST_MS = 60_000;

export interface ResendApiDeps {
  key: string;
  apiUrl: string;
  clock: Clock;
  /** The key is no longer valid. */
  onKeyRefused(): void;
}

export interface ResendApi {
  /** Reads and checks. Rejects with a ChannelError, after a minute at the latest. */
  read<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal, largest?: number): Promise<T>;
  /** Sends a mail once, however often it is called with the same key. */
  send<T>(body: object, schema: z.ZodType<T>, options: { key: string; signal: AbortSignal }): Promise<T>;
  /** Opens an attachment at the address that Resend told. */
  download(url: string, signal: AbortSignal): Promise<Readable>;
}

/** Of an answer: anybody may send mails of 40 MB, as many at once as they like. */
export const LARGEST_BYTES = 16 * 1024 ** 2;
export const TOO_LARGE = 'resend-mail-too-large';

async function textOf(response: Response, largest: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > largest) {
      const message = `The words of a mail are larger than ${largest / 1024 ** 2} MB.`;
      throw new ChannelError(TOO_LARGE, message, 'Send it as an attachment.', { errorClass: 'permanent' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Where Resend keeps attachments: nothing else is downloaded because an answer says so. */
const FILE_HOST = /^(?:[\w-]+\.)*(?:resend\.com|resend\.app)$/;

/** Resend's API for one key. Its rate limits are reported, not waited for: the ledger keeps the time. */
export function createResendApi(deps: ResendApiDeps): ResendApi {
  async function call(
    path: string,
    init: RequestInit,
    { signal, largest = LARGEST_BYTES }: { signal: AbortSignal | undefined; largest?: number | undefined },
  ): Promise<unknown> {
    try {
      return await within(deps.clock, LONGEST_REQUEST_MS, signal, (until) =>
        answerTo(path, { ...init, signal: until }, largest),
      );
    } catch (error) {
      throw error instanceof ChannelError ? error : networkErrorOf(error, resendFacts);
    }
  }

  async function answerTo(path: string, init: RequestInit, largest: number): Promise<unknown> {
    const headers = { Authorization: `Bearer ${deps.key}`, ...init.headers };
    const response = await fetch(`${deps.apiUrl}${path}`, { ...init, headers, redirect: 'error' });
    // Read within the deadline: an answer that never ends is no answer.
    const text = await textOf(response, largest);
    if (response.ok) return JSON.parse(text);
    const { status } = response;
    const error = errorOfAnswer({ status, text, retryAfter: response.headers.get('retry-after') });
    if (error.code === 'resend-key-refused') deps.onKeyRefused();
    throw error;
  }

  return {
    read: async (path, schema, signal, largest) => schema.parse(await call(path, {}, { signal, largest })),
    async send(body, schema, { key, signal }) {
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
      return schema.parse(
        await call('/emails', { method: 'POST', headers, body: JSON.stringify(body) }, { signal }),
      );
    },
    async download(address, signal) {
      const url = new URL(address);
      const own = url.origin === new URL(deps.apiUrl).origin;
      if (!own && !(url.protocol === 'https:' && FILE_HOST.test(url.hostname))) {
        throw new Error('the attachment does not lie with Resend');
      }
      const response = await fetch(url, { signal, redirect: 'error' });
      if (!response.ok || !response.body) {
        throw new Error(`Resend did not give the attachment (${response.status})`);
      }
      return Readable.fromWeb(response.body);
    },
  };
}
