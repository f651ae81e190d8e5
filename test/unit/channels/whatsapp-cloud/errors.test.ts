import { describe, expect, test } from 'vitest';
import { errorOfAnswer, errorOfStatus } from '../../../../src/channels/whatsapp-cloud/errors.js';

const MESSAGES = '/106540352242922/messages';
const told = (code: number) =>
  JSON.stringify({ error: { code, message: 'the words of +49170', error_data: { details: 'the words' } } });
const answer = (status: number, text: string, path = MESSAGES, retryAfter: string | null = null) =>
  errorOfAnswer({ path, status, text, retryAfter });

describe('what an answer of the Cloud API means', () => {
  test.each([
    [401, told(190), 'token-refused', 'transient'],
    [401, told(0), 'token-refused', 'transient'],
    [401, 'Unauthorized', 'token-refused', 'transient'],
    [403, told(200), 'not-allowed', 'permanent'],
    [403, told(10), 'not-allowed', 'permanent'],
    [400, told(131047), 'window-closed', 'permanent'],
    [400, told(131026), 'undeliverable', 'permanent'],
    [400, told(131030), 'not-a-test-recipient', 'permanent'],
    [400, told(131042), 'payment', 'permanent'],
    [400, told(100), 'refused', 'permanent'],
    [404, told(33), 'refused', 'permanent'],
    [503, told(2), 'outage', 'transient'],
    [500, told(131000), 'outage', 'transient'],
    [503, '<html>', 'outage', 'transient'],
    [400, '<html>', 'outage', 'transient'],
    // It may have been said.
    [500, told(1), 'outage', 'unknown'],
    [500, '<html>', 'outage', 'unknown'],
    [502, '<html>', 'outage', 'unknown'],
    [504, '', 'outage', 'unknown'],
  ])('%i %s: %s, %s', (status, text, code, errorClass) => {
    const error = answer(status, text);
    expect(error).toMatchObject({ code: `whatsapp-${code}`, errorClass });
    expect(error.fix).not.toBe('');
    expect(`${error.message} ${error.fix}`).not.toContain('the words');
  });

  test('nothing is said by an upload: it can be done again, and its refusal is about the file', () => {
    expect(answer(502, '', '/1/media').errorClass).toBe('transient');
    expect(answer(400, told(100), '/1/media').code).toBe('whatsapp-file-refused');
  });

  test.each([
    [429, told(131056), '7', 7000],
    [429, told(131056), null, 6000],
    [400, told(130429), null, 2000],
    [400, told(80007), null, 60_000],
    [429, '', null, 2000],
    [429, '', 'soon', 2000],
    [429, '', '0.5', 500],
  ])('%i %s, Retry-After %s: wait %i ms', (status, text, retryAfter, retryAfterMs) => {
    expect(answer(status, text, MESSAGES, retryAfter)).toMatchObject({
      errorClass: 'rate-limited',
      retryAfterMs,
    });
  });
});

test.each([
  [131047, 'window-closed', 'permanent'],
  [131000, 'outage', 'transient'],
  [131056, 'rate-limited', 'rate-limited'],
  [470, 'refused', 'permanent'],
  [null, 'refused', 'permanent'],
])('a status that failed with %s: %s, %s', (code, name, errorClass) => {
  expect(errorOfStatus(code)).toMatchObject({ code: `whatsapp-${name}`, errorClass });
});
