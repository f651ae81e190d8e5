import type { ServerResponse } from 'node:http';
import { CredentialError } from '../credentials/types.js';

/** Why something was not let through. `reason` is stable and goes into `audit`; the message is for the agent. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  /** A breach of policy, as opposed to a full door or a broken request. */
  readonly audited: boolean;
  /** The client has had its answer, in the protocol that it speaks. */
  readonly answered: boolean;
  /** What exactly was refused, where the request's own line does not say it. */
  readonly what: string | undefined;

  constructor(
    status: number,
    reason: string,
    message: string,
    options: { audited?: boolean; answered?: boolean; what?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.audited = options.audited ?? true;
    this.answered = options.answered ?? false;
    this.what = options.what;
  }
}

/** No credential is for a person to mend (401), an outage passes by itself (503); another error is given back as it is. */
export function credentialRefusal(error: unknown): unknown {
  if (!(error instanceof CredentialError)) return error;
  return new Refusal(LACKING.has(error.code) ? 401 : 503, error.code, error.message, { audited: false });
}

const LACKING = new Set([
  'credential-missing',
  'credential-refused',
  'onecli-key-refused',
  'onecli-no-secret',
]);

const TYPES: Record<number, string> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  502: 'api_error',
  503: 'overloaded_error',
  504: 'api_error',
};

/** Answers in the model API's own error format. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const retry = refusal.status === 429 || refusal.status >= 500;
  const body = JSON.stringify({
    type: 'error',
    error: {
      type: TYPES[refusal.status] ?? 'invalid_request_error',
      message: `[wharfie] ${refusal.reason}: ${refusal.message}`,
    },
  });
  response.writeHead(refusal.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-should-retry': String(retry),
    ...(refusal.status === 429 ? { 'retry-after': '1' } : {}),
  });
  response.end(body);
}
