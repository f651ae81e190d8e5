import { expect, test } from 'vitest';
import { factsOf } from '../../../../src/channels/catalog/index.js';
import { channelErrorOf } from '../../../../src/channels/chat-sdk/errors.js';
import { errorOfAnswer } from '../../../../src/channels/discord/errors.js';

const answer = (status: number, body: unknown, method = 'POST', retryAfter: string | null = null) =>
  errorOfAnswer({ method, status, text: typeof body === 'string' ? body : JSON.stringify(body), retryAfter });

test.each([
  [429, { retry_after: 1.5 }, 'rate-limited'],
  [401, { message: '401: Unauthorized' }, 'transient'],
  [500, '', 'transient'],
  [503, 'upstream', 'transient'],
  [502, '<html>', 'unknown'],
  [504, '<html>', 'unknown'],
  [403, '<html>blocked</html>', 'transient'],
  [403, { code: 50013, message: 'Missing Permissions' }, 'permanent'],
  [404, { code: 10003, message: 'Unknown Channel' }, 'permanent'],
  [400, { code: 50035, message: 'Invalid Form Body' }, 'permanent'],
  [413, { message: 'Request entity too large' }, 'permanent'],
])('%i %j is %s', (status, body, errorClass) => {
  const error = answer(status, body);
  expect(error.errorClass).toBe(errorClass);
  expect(error.fix).not.toBe('');
});

test('a lost answer matters only where something was to be created', () => {
  expect(answer(502, '', 'PUT').errorClass).toBe('transient');
});

test('how long to wait comes from the body, else from the header', () => {
  expect(answer(429, { retry_after: 0.3 }, 'POST', '9').retryAfterMs).toBe(300);
  expect(answer(429, '<html>', 'POST', '9').retryAfterMs).toBe(9000);
  expect(answer(429, '<html>').retryAfterMs).toBe(1000);
});

test.each([
  [new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }), 'transient'],
  [new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }), 'transient'],
  [new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } }), 'unknown'],
  [new TypeError('fetch failed', { cause: { code: 'UND_ERR_SOCKET' } }), 'unknown'],
  [
    Object.assign(new Error('x'), { name: 'NetworkError', originalError: { code: 'EAI_AGAIN' } }),
    'transient',
  ],
  [new DOMException('aborted', 'AbortError'), 'unknown'],
  [Object.assign(new Error('x'), { name: 'PermissionError' }), 'permanent'],
  [Object.assign(new Error('x'), { name: 'ResourceNotFoundError' }), 'permanent'],
  [Object.assign(new Error('x'), { name: 'AuthenticationError' }), 'transient'],
  [Object.assign(new Error('x'), { name: 'AdapterRateLimitError', retryAfter: 3 }), 'rate-limited'],
])('%s of an adapter is %s', (thrown, errorClass) => {
  const error = channelErrorOf(thrown, factsOf('discord'));
  expect(error.errorClass).toBe(errorClass);
  if (errorClass === 'rate-limited') expect(error.retryAfterMs).toBe(3000);
});

test('what a platform said about a request is not repeated', () => {
  const leaky = Object.assign(new Error('Bot SECRET was refused'), { name: 'PermissionError' });
  expect(channelErrorOf(leaky, factsOf('discord')).message).not.toContain('SECRET');
});
