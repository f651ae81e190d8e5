import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { jsonOf } from '../../json.js';
import { ChannelError } from '../adapter.js';
import { teamsFacts } from '../catalog/teams.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { type AccessTokens, createAccessTokens } from '../tokens/access.js';
import { AUTH_FIX, teamsError } from './errors.js';

export const DEFAULT_LOGIN_URL = 'https://login.microsoftonline.com';
const SCOPE = 'https://api.botframework.com/.default';
const LONGEST_REQUEST_MS = 15_000;

export interface AppAccount {
  appId: string;
  password: string;
  tenantId: string;
}

/** The app's account as `.env` has it. */
export function accountOf(env: Readonly<Record<string, string | undefined>>): AppAccount {
  const {
    TEAMS_APP_ID: appId = '',
    TEAMS_APP_PASSWORD: password = '',
    TEAMS_APP_TENANT_ID: tenantId = '',
  } = env;
  // As Microsoft writes it where it says whom a call is for: compared by case, another one would refuse every call.
  return { appId: appId.toLowerCase(), password, tenantId };
}

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const refusalSchema = z.object({ error_codes: z.array(z.number()).default([]) });

/** What Entra's numbers mean (learn.microsoft.com/entra/identity-platform/reference-error-codes), of those met here. */
const REFUSALS: Readonly<Record<number, { code: RefusalCode; message: string }>> = {
  7000215: {
    code: 'token-refused',
    message: 'The client secret is wrong; perhaps its Secret ID was taken in place of its Value.',
  },
  7000222: { code: 'token-refused', message: 'The client secret has expired.' },
  700016: { code: 'token-refused-app', message: 'The app id is not known in this tenant.' },
  90002: { code: 'token-refused-tenant', message: 'There is no such tenant.' },
  900023: { code: 'token-refused-tenant', message: 'There is no such tenant.' },
};
type RefusalCode = 'token-refused' | 'token-refused-app' | 'token-refused-tenant';

/** Whether Microsoft took the credentials for wrong, whichever of them. */
export const isTokenRefusal = (error: unknown): error is ChannelError =>
  error instanceof ChannelError && error.code.startsWith('teams-token-refused');

/** Tokens of a bot for its connector, got with the client secret of its app. Rejects with a ChannelError. */
export function createAppTokens(deps: { account: AppAccount; loginUrl: string; clock: Clock }): AccessTokens {
  const { account, loginUrl, clock } = deps;

  async function ask(signal: AbortSignal): Promise<{ status: number; text: string }> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: account.appId,
      client_secret: account.password,
      scope: SCOPE,
    });
    const url = `${loginUrl}/${encodeURIComponent(account.tenantId)}/oauth2/v2.0/token`;
    const response = await fetch(url, { method: 'POST', body, signal, redirect: 'error' });
    return { status: response.status, text: await response.text() };
  }

  return createAccessTokens({
    clock,
    async request() {
      const { status, text } = await within(clock, LONGEST_REQUEST_MS, undefined, ask).catch(unreachable);
      const json = jsonOf(text);
      if (status === 400 || status === 401) throw refused(json);
      const answer = answerSchema.safeParse(status === 200 ? json : null).data;
      if (!answer) throw outage(status);
      return { token: answer.access_token, expiresInS: answer.expires_in };
    },
  });
}

/** No token, so nothing has been said: it can always be tried again. */
function unreachable(error: unknown): never {
  const { code, message, fix } = networkErrorOf(error, teamsFacts);
  throw new ChannelError(code, message, fix, { errorClass: 'transient', cause: error });
}

function refused(json: unknown): ChannelError {
  const codes = refusalSchema.safeParse(json).data?.error_codes ?? [];
  const known = codes.map((code) => REFUSALS[code]).find(Boolean);
  const { code, message } = known ?? {
    code: 'token-refused',
    message: 'Microsoft refused the app id, its secret or the tenant.',
  };
  return teamsError(code, message, AUTH_FIX, { errorClass: 'transient' });
}

const outage = (status: number) =>
  teamsError(
    'outage',
    `Microsoft gave no token (${status}).`,
    'Nothing to do: it is tried again by itself.',
    {
      errorClass: 'transient',
    },
  );
