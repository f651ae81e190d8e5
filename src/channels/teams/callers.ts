import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { createKeySet, fetchJson } from '../tokens/keys.js';
import { bearerOf, createSignedTokens } from '../tokens/signed.js';
import type { Services } from './service.js';

const ISSUER = 'https://api.botframework.com';
export const DEFAULT_OPENID_URL = 'https://login.botframework.com/v1/.well-known/openidconfiguration';

const metadataSchema = z.object({ jwks_uri: z.url() });
/** A key says for which channels it may speak. */
const keySchema = z.looseObject({ endorsements: z.array(z.string()).default([]) });
const claimsSchema = z.looseObject({ serviceurl: z.string() });

export interface CallerDeps {
  appId: string;
  openIdUrl: string;
  services: Services;
  clock: Clock;
}

export interface Caller {
  channelId: string;
  serviceUrl: string;
}

export interface Callers {
  /**
   * Whether this `Authorization` header shows that the Bot Connector calls, for this bot, about an activity of this
   * channel and this service. Rejects where its keys cannot be had.
   */
  accepts(authorization: string | null, activity: Caller): Promise<boolean>;
}

/**
 * Tells calls of the Bot Connector from all others, as it demands it
 * (learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot).
 */
export function createCallers({ appId, openIdUrl, services, clock }: CallerDeps): Callers {
  const keys = createKeySet({
    clock,
    url: async (signal) => metadataSchema.parse(await fetchJson(openIdUrl, signal)).jwks_uri,
  });
  const tokens = createSignedTokens({ keys, clock });

  return {
    async accepts(authorization, { channelId, serviceUrl }) {
      const token = bearerOf(authorization);
      const found = token && (await tokens.verify(token, { issuer: ISSUER, audience: appId }));
      if (!found) return false;
      const { endorsements } = keySchema.parse(found.key);
      const claims = claimsSchema.safeParse(found.claims).data;
      const speaksFor = channelId === 'msteams' && endorsements.includes(channelId);
      return speaksFor && bare(claims?.serviceurl) === bare(serviceUrl) && services.trusts(serviceUrl);
    },
  };
}

const bare = (url: string | undefined) => url?.replace(/\/+$/, '').toLowerCase();
