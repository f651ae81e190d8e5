import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { whatsappCloudFacts } from '../catalog/whatsapp-cloud.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { errorOfAnswer } from './errors.js';

export const DEFAULT_API_URL = 'https://graph.facebook.com';
const API_VERSION = 'v25.0';
const LONGEST_REQUEST_MS = 30_000;

export interface GraphDeps {
  token: string;
  /** Without the version: `https://graph.facebook.com`. */
  apiUrl: string;
  clock: Clock;
  /** The token is no longer valid. */
  onTokenRefused(): void;
}

export interface Graph {
  /** Reads an object. Rejects with a ChannelError, after 30 s at the latest. */
  read<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>;
  /** Posts JSON or a form; the answer as it came, for an adapter that has types of its own. */
  post<T>(path: string, body: object, signal?: AbortSignal): Promise<T>;
  /** Opens a file of WhatsApp's. */
  download(url: string, signal: AbortSignal): Promise<Response>;
}

/** The Graph API for one token. Its rate limits are reported, not waited for: the ledger keeps the time. */
export function createGraph(deps: GraphDeps): Graph {
  const own = { Authorization: `Bearer ${deps.token}` };

  async function send<T>(path: string, init: RequestInit, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await within(deps.clock, LONGEST_REQUEST_MS, signal, (until) => answerTo<T>(path, init, until));
    } catch (error) {
      throw error instanceof ChannelError ? error : networkErrorOf(error, whatsappCloudFacts);
    }
  }

  async function answerTo<T>(path: string, init: RequestInit, signal: AbortSignal): Promise<T> {
    const url = `${deps.apiUrl}/${API_VERSION}${path}`;
    const response = await fetch(url, { ...init, signal, redirect: 'error' });
    // Read within the deadline: an answer that never ends is no answer.
    const text = await response.text();
    if (response.ok) {
      const answer: T = JSON.parse(text);
      return answer;
    }
    const { status, headers } = response;
    const error = errorOfAnswer({ path, status, text, retryAfter: headers.get('retry-after') });
    if (error.code === 'whatsapp-token-refused') deps.onTokenRefused();
    throw error;
  }

  return {
    read: async (path, schema, signal) => schema.parse(await send<unknown>(path, { headers: own }, signal)),
    post<T>(path: string, body: object, signal?: AbortSignal) {
      const form = body instanceof FormData;
      const headers = form ? own : { ...own, 'Content-Type': 'application/json' };
      return send<T>(path, { method: 'POST', headers, body: form ? body : JSON.stringify(body) }, signal);
    },
    async download(url, signal) {
      const response = await fetch(url, { headers: own, signal, redirect: 'error' }).catch((error) => {
        throw networkErrorOf(error, whatsappCloudFacts);
      });
      if (response.ok && response.body) return response;
      throw new Error(`WhatsApp did not give the file (${response.status})`);
    },
  };
}

/** The channel's own phone number. */
export const numberSchema = z.object({
  id: z.string(),
  display_phone_number: z.string().default(''),
  verified_name: z.string().default('WhatsApp'),
});
