import type { z } from 'zod';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { slackFacts } from '../catalog/slack.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { errorOfAnswer } from './errors.js';

export const DEFAULT_API_URL = 'https://slack.com/api/';
const LONGEST_REQUEST_MS = 30_000;

export interface SlackRestDeps {
  token: string;
  /** With its slash: `https://slack.com/api/`. */
  apiUrl: string;
  clock: Clock;
  /** The token is no longer valid. */
  onTokenRefused(): void;
}

export interface SlackRest {
  /** Calls a method of the Web API and checks what it gives. Rejects with a ChannelError. Ends after 30 s, or with `signal`. */
  call<T>(method: string, schema: z.ZodType<T>, fields?: Fields, signal?: AbortSignal): Promise<T>;
  /** The scopes that the token has, as the last answer told; null: none was told. */
  scopes(): string[] | null;
  /** Puts bytes where `files.getUploadURLExternal` said. */
  upload(url: string, bytes: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<void>;
}

export type Fields = Readonly<Record<string, string | number | boolean | object | null | undefined>>;

/** Slack's Web API for one token. Its rate limits are reported, not waited for: the ledger keeps the time. */
export function createSlackRest(deps: SlackRestDeps): SlackRest {
  let scopes: string[] | null = null;

  async function inTime<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = new AbortController();
    const stop = () => deadline.abort();
    const timer = deps.clock.after(LONGEST_REQUEST_MS, stop);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await work(deadline.signal);
    } catch (error) {
      throw error instanceof ChannelError ? error : networkErrorOf(error, slackFacts);
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Not every method takes JSON; all of them take a form. */
  async function send(method: string, fields: Fields, signal: AbortSignal): Promise<unknown> {
    const response = await fetch(deps.apiUrl + method, {
      method: 'POST',
      signal,
      headers: { Authorization: `Bearer ${deps.token}` },
      body: formOf(fields),
    });
    const { status, headers } = response;
    // Read within the deadline: an answer that never ends is no answer.
    const text = await response.text();
    const error = errorOfAnswer({ method, status, text, retryAfter: headers.get('retry-after') });
    if (error?.code === 'slack-token-refused') deps.onTokenRefused();
    if (error) throw error;
    scopes = headers.get('x-oauth-scopes')?.split(/,\s*/) ?? scopes;
    return JSON.parse(text);
  }

  return {
    call: async (method, schema, fields = {}, signal) =>
      schema.parse(await inTime(signal, (until) => send(method, fields, until))),
    scopes: () => scopes,
    upload: (url, bytes, signal) =>
      inTime(signal, async (until) => {
        const { ok, status } = await fetch(url, { method: 'POST', body: bytes, signal: until });
        if (ok) return;
        // Nothing stands in the chat before the upload is completed.
        throw new ChannelError(
          'slack-upload-failed',
          `Slack did not take the file (${status}).`,
          'It is tried again.',
          {
            errorClass: status >= 500 ? 'transient' : 'permanent',
          },
        );
      }),
  };
}

function formOf(fields: Fields): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return form;
}
