import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { telegramFacts } from '../catalog/telegram.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { errorOfAnswer } from './errors.js';

export const DEFAULT_API_URL = 'https://api.telegram.org';
const LONGEST_REQUEST_MS = 30_000;

export interface TelegramApiDeps {
  token: string;
  /** Without the token: `https://api.telegram.org`, or a Bot API server of one's own. */
  apiUrl: string;
  clock: Clock;
  /** The token is no longer valid. */
  onTokenRefused(): void;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds until the request is given up; default 30 s. */
  longestMs?: number;
}

export interface TelegramApi {
  /** The result of a method as it came, for an adapter that has types of its own. Rejects with a ChannelError. */
  call<T>(method: string, payload?: object, options?: CallOptions): Promise<T>;
  /** The same, with the result checked. */
  read<T>(method: string, schema: z.ZodType<T>, payload?: object, options?: CallOptions): Promise<T>;
  /** Opens a file that `getFile` told the path of. */
  download(path: string, signal: AbortSignal): Promise<Response>;
}

/** Telegram's Bot API for one bot. The token is part of every address: no address gets into an error or a log. */
export function createTelegramApi(deps: TelegramApiDeps): TelegramApi {
  async function call<T>(method: string, payload: object = {}, options: CallOptions = {}): Promise<T> {
    return await within(deps.clock, options.longestMs ?? LONGEST_REQUEST_MS, options.signal, (signal) =>
      send<T>(method, payload, signal),
    );
  }

  async function send<T>(method: string, payload: object, signal: AbortSignal): Promise<T> {
    const form = payload instanceof FormData;
    try {
      const response = await fetch(`${deps.apiUrl}/bot${deps.token}/${method}`, {
        method: 'POST',
        signal,
        ...(form ? {} : { headers: { 'Content-Type': 'application/json' } }),
        body: form ? payload : JSON.stringify(payload),
      });
      // Read within the deadline: an answer that never ends is no answer.
      const text = await response.text();
      if (response.ok) {
        const answer: { ok: boolean; result: T } = JSON.parse(text);
        if (answer.ok) return answer.result;
      }
      const error = errorOfAnswer({ method, status: response.status, text });
      if (error.code === 'telegram-token-refused') deps.onTokenRefused();
      throw error;
    } catch (error) {
      throw error instanceof ChannelError ? error : networkErrorOf(error, telegramFacts);
    }
  }

  return {
    call,
    read: async (method, schema, payload, options) =>
      schema.parse(await call<unknown>(method, payload, options)),
    async download(path, signal) {
      const response = await fetch(`${deps.apiUrl}/file/bot${deps.token}/${path}`, {
        signal,
        redirect: 'error',
      }).catch((error) => {
        throw networkErrorOf(error, telegramFacts);
      });
      if (response.ok && response.body) return response;
      throw new Error(`Telegram did not give the file (${response.status})`);
    },
  };
}

/** The bot itself (`getMe`). */
export const selfSchema = z.object({ id: z.number(), username: z.string().default('bot') });
