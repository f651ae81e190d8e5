import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSignedWith } from '../../../../src/channels/webhooks/signature.js';

const sign = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');

test('takes the signature of that secret and that text, and no other', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), text, text, (secret, one, other) => {
      expect(isSignedWith(secret, one, sign(secret, one))).toBe(true);
      expect(isSignedWith(secret, one, sign(secret, one).toUpperCase())).toBe(true);
      expect(isSignedWith(`${secret}x`, one, sign(secret, one))).toBe(false);
      if (one !== other) expect(isSignedWith(secret, one, sign(secret, other))).toBe(false);
    }),
  );
});

test.each([null, undefined, '', 'sha256=', 'zz', sign('', ''), `${sign('secret', 'text')}00`])(
  '%j is no signature',
  (signature) => {
    expect(isSignedWith('secret', 'text', signature)).toBe(false);
    expect(isSignedWith('', 'text', signature)).toBe(false);
  },
);
