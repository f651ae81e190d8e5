import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';

/** A public key as its owner publishes it (RFC 7517); what else stands there is kept. */
const keySchema = z.looseObject({ kid: z.string(), kty: z.literal('RSA'), n: z.string(), e: z.string() });
const setSchema = z.object({ keys: z.array(z.unknown()) });
export type PublicKey = z.infer<typeof keySchema>;

const FRESH_MS = 3_600_000;
/** Whoever makes up key ids must not make us ask for each of them. */
const NOT_MORE_OFTEN_MS = 60_000;
const LONGEST_REQUEST_MS = 10_000;

export interface KeySet {
  /** The key of this id, or null. Rejects where the keys cannot be had at all. */
  find(kid: string): Promise<PublicKey | null>;
}

/** The keys with which a platform signs, kept for an hour and asked for again when one is used that is new. */
export function createKeySet(deps: {
  clock: Clock;
  /** Where they are published. */
  url(signal: AbortSignal): Promise<string>;
}): KeySet {
  const { clock } = deps;
  let keys = new Map<string, PublicKey>();
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;

  async function ask(): Promise<void> {
    askedAt = clock.monotonic();
    const found = await within(clock, LONGEST_REQUEST_MS, undefined, async (signal) => {
      const answer = await fetchJson(await deps.url(signal), signal);
      return setSchema.parse(answer).keys;
    });
    const readable = found.flatMap((key) => keySchema.safeParse(key).data ?? []);
    keys = new Map(readable.map((key) => [key.kid, key]));
  }

  async function refresh(): Promise<void> {
    asking ??= ask().finally(() => {
      asking = null;
    });
    try {
      await asking;
    } catch (error) {
      // Old keys are better than none while the publisher is down.
      if (keys.size === 0) throw error;
    }
  }

  return {
    async find(kid) {
      const age = clock.monotonic() - askedAt;
      const known = keys.get(kid);
      const due = keys.size === 0 || age > FRESH_MS || (!known && age > NOT_MORE_OFTEN_MS);
      if (due || (asking && !known)) await refresh();
      return keys.get(kid) ?? null;
    },
  };
}

export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok) throw new Error(`keys could not be read (${response.status})`);
  return response.json();
}
