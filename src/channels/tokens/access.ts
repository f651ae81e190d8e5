import type { Clock } from '../../clock.js';

export interface AccessToken {
  token: string;
  expiresInS: number;
}

export interface AccessTokens {
  /** A token that is good for some minutes at least. Rejects as `request` does. */
  get(): Promise<string>;
  /** The platform refused it: the next one is asked for. */
  forget(): void;
}

/** A token that ends within this time is not begun with. */
const MARGIN_MS = 5 * 60_000;

/** The short-lived token that a platform gives for our credentials, asked for once however many need it. */
export function createAccessTokens(deps: { clock: Clock; request(): Promise<AccessToken> }): AccessTokens {
  let current: { token: string; until: number } | null = null;
  let asking: Promise<string> | null = null;

  async function ask(): Promise<string> {
    const { token, expiresInS } = await deps.request();
    current = { token, until: deps.clock.monotonic() + expiresInS * 1000 - MARGIN_MS };
    return token;
  }

  return {
    async get() {
      if (current && current.until > deps.clock.monotonic()) return current.token;
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
    forget() {
      current = null;
    },
  };
}
