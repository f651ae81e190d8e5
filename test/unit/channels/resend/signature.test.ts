import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isSigned } from '../../../../src/channels/resend/signature.js';

const NOW = Date.UTC(2026, 0, 15);
const key = Buffer.from('0123456789abcdef0123');
const secret = `whsec_${key.toString('base64')}`;
const body = '{"type":"email.received"}';

function signed(more: { id?: string; at?: number; said?: string; by?: Buffer } = {}) {
  const { id = 'msg_1', at = NOW / 1000, said = body, by = key } = more;
  const signature = createHmac('sha256', by).update(`${id}.${at}.${said}`).digest('base64');
  return new Headers({ 'svix-id': id, 'svix-timestamp': String(at), 'svix-signature': `v1,${signature}` });
}

describe('a call of Resend', () => {
  test('is taken with its signature, also beside another one', () => {
    expect(isSigned(secret, signed(), body, NOW)).toBe(true);
    const headers = signed();
    headers.set('svix-signature', `v1a,x v1,AAAA ${headers.get('svix-signature')}`);
    expect(isSigned(secret, headers, body, NOW)).toBe(true);
  });

  test.each([
    ['without a signature', new Headers()],
    ['signed with another secret', signed({ by: Buffer.from('another') })],
    ['for another body', signed({ said: '{}' })],
    ['from ten minutes ago', signed({ at: NOW / 1000 - 600 })],
    ['from tomorrow', signed({ at: NOW / 1000 + 86_400 })],
  ])('is refused %s', (_, headers) => {
    expect(isSigned(secret, headers, body, NOW)).toBe(false);
  });

  test('is refused where the id or the time was changed, or there is no secret', () => {
    for (const [name, value] of [
      ['svix-id', 'msg_2'],
      ['svix-timestamp', String(NOW / 1000 + 1)],
      ['svix-timestamp', 'now'],
      ['svix-signature', 'v1,'],
    ] as const) {
      const headers = signed();
      headers.set(name, value);
      expect(isSigned(secret, headers, body, NOW)).toBe(false);
    }
    expect(isSigned('', signed({ by: Buffer.alloc(0) }), body, NOW)).toBe(false);
  });
});
