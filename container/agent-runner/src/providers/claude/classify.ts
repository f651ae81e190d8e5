import type { SDKAssistantMessageError, SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import type { ModelErrorClass } from '../types.ts';

const CLASSES: Record<SDKAssistantMessageError, ModelErrorClass> = {
  authentication_failed: 'authentication',
  oauth_org_not_allowed: 'authentication',
  account_on_hold: 'authentication',
  verification_required: 'authentication',
  cloud_credential_error: 'authentication',
  billing_error: 'billing',
  rate_limit: 'rate_limit',
  overloaded: 'overloaded',
  server_error: 'overloaded',
  invalid_request: 'invalid_request',
  model_not_found: 'model_not_found',
  max_output_tokens: 'length',
  unknown: 'unknown',
};

/** An error as the SDK names it; without a status of an answer the model was not reached. */
export function classifyError(
  error: SDKAssistantMessageError,
  status: number | null | undefined,
): ModelErrorClass {
  const known = CLASSES[error] ?? 'unknown';
  if (known !== 'unknown') return known;
  if (status === null) return 'unreachable';
  return status === undefined ? 'unknown' : classifyStatus(status);
}

function classifyStatus(status: number): ModelErrorClass {
  if (status === 401 || status === 403) return 'authentication';
  if (status === 402) return 'billing';
  if (status === 429) return 'rate_limit';
  return status >= 500 ? 'overloaded' : 'invalid_request';
}

const LOST_TRANSCRIPT = /no conversation found|session .*(not found|already in use)|transcript/i;

/** The failure that a result stands for, or null where it is an answer. `last`: the last error seen in the turn. */
export function classifyResult(
  result: SDKResultMessage,
  last: SDKAssistantMessageError | null,
): { errorClass: ModelErrorClass; detail: string } | null {
  if (result.subtype === 'success') {
    if (!result.is_error) return null;
    // The program calls a declined answer an invalid request, after which no conversation could go on.
    if (result.stop_reason === 'refusal') return { errorClass: 'refused', detail: result.result };
    const status = result.api_error_status;
    return { errorClass: classifyError(last ?? 'unknown', status), detail: result.result };
  }
  const detail = [result.subtype, ...result.errors].join(': ');
  if (result.subtype === 'error_max_turns') return { errorClass: 'steps', detail };
  if (result.subtype !== 'error_during_execution') return { errorClass: 'budget', detail };
  if (LOST_TRANSCRIPT.test(detail)) return { errorClass: 'transcript', detail };
  return { errorClass: last ? classifyError(last, undefined) : 'crashed', detail };
}

/** What an iterator of the SDK threw. */
export function classifyThrow(detail: string): ModelErrorClass {
  return LOST_TRANSCRIPT.test(detail) ? 'transcript' : 'crashed';
}
