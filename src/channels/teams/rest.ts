import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Clock } from '../../clock.js';
import { teamsFacts } from '../catalog/teams.js';
import type { AccessTokens } from '../tokens/access.js';
import { createTokenRest } from '../tokens/rest.js';
import { isTokenRefusal } from './account.js';
import { errorOfAnswer } from './errors.js';
import type { Services } from './service.js';

export interface TeamsRequest {
  method: 'GET' | 'POST' | 'PUT';
  serviceUrl: string;
  /** Behind the version: `conversations/…`. */
  path: string;
  body?: object;
  signal?: AbortSignal | undefined;
}

export interface TeamsRest {
  /** Asks the connector and checks what it gives. Rejects with a ChannelError. Ends after 30 s, or with `signal`. */
  call<T>(request: TeamsRequest, schema: z.ZodType<T>): Promise<T>;
  /** The bytes behind an address; with our token only where that may go. */
  download(url: string, signal: AbortSignal): Promise<Readable>;
}

export interface TeamsRestDeps {
  tokens: AccessTokens;
  services: Services;
  clock: Clock;
  /** The secret is no longer valid. */
  onTokenRefused(): void;
}

/** Where people's files lie: addresses there hold what they need to be read, for some minutes. */
const FILE_HOST = /^[a-z0-9-]+\.sharepoint(?:-df)?\.(?:com|us|cn)$/;

/** Of the connector itself nothing but attachments: whoever writes an address may not ask for more with our token. */
const FILE_PATH = /^\/(?:[\w-]+\/){0,3}v3\/attachments\/[^/]+(?:\/views\/[^/]+)?$/;

/** The Bot Framework's connector. */
export function createTeamsRest({ services, ...deps }: TeamsRestDeps): TeamsRest {
  const rest = createTokenRest({ facts: teamsFacts, errorOfAnswer, isTokenRefusal, ...deps });
  return {
    call: async ({ serviceUrl, path, ...request }, schema) =>
      rest.call({ ...request, url: services.urlOf(serviceUrl, path) }, schema),
    async download(address, signal) {
      const url = new URL(address);
      const own = services.trusts(address) && FILE_PATH.test(url.pathname);
      if (!own && !(url.protocol === 'https:' && url.port === '' && FILE_HOST.test(url.hostname))) {
        throw new Error('the attachment does not lie with Microsoft');
      }
      return rest.download(url, own ? await rest.authorization() : {}, signal);
    },
  };
}
