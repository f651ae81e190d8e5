import { describe, expect, test } from 'vitest';
import { errorOfAnswer } from '../../../../src/channels/resend/errors.js';

const told = (name: string) =>
  JSON.stringify({ statusCode: 400, name, message: 'the words of ada@example.org' });
const answer = (status: number, text: string, retryAfter: string | null = null) =>
  errorOfAnswer({ status, text, retryAfter });

describe('what an answer of Resend means', () => {
  test.each([
    [401, told('missing_api_key'), 'key-refused', 'transient'],
    [403, told('invalid_api_key'), 'key-refused', 'transient'],
    [401, told('restricted_api_key'), 'key-refused', 'transient'],
    [403, told('validation_error'), 'domain-not-verified', 'permanent'],
    [422, told('invalid_from_address'), 'from-refused', 'permanent'],
    [422, told('invalid_attachment'), 'file-refused', 'permanent'],
    [422, told('validation_error'), 'refused', 'permanent'],
    [404, told('not_found'), 'unknown-mail', 'permanent'],
    [413, told('content_too_large'), 'too-large', 'permanent'],
    [409, told('invalid_idempotent_request'), 'said-otherwise', 'permanent'],
    [409, told('concurrent_idempotent_requests'), 'outage', 'transient'],
    [500, told('application_error'), 'outage', 'transient'],
    [502, '<html>', 'outage', 'transient'],
    [403, '<html>', 'outage', 'transient'],
  ])('%i %s: %s, %s', (status, text, code, errorClass) => {
    const error = answer(status, text);
    expect(error).toMatchObject({ code: `resend-${code}`, errorClass });
    expect(error.fix).not.toBe('');
    expect(`${error.message} ${error.fix}`).not.toContain('the words');
  });

  test.each([
    [429, told('rate_limit_exceeded'), '2', 2000],
    [429, told('rate_limit_exceeded'), null, 1000],
    [429, told('daily_quota_exceeded'), '1', 3_600_000],
  ])('%i %s, Retry-After %s: wait %i ms', (status, text, retryAfter, retryAfterMs) => {
    expect(answer(status, text, retryAfter)).toMatchObject({ errorClass: 'rate-limited', retryAfterMs });
  });
});
