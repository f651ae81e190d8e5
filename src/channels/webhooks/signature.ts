import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether this is the HMAC-SHA256 of the text, in hexadecimal; compared without telling how far it is right. */
export function isSignedWith(secret: string, text: string, signature: string | null | undefined): boolean {
  if (!secret || !signature || !/^[0-9a-f]{64}$/i.test(signature)) return false;
  const expected = createHmac('sha256', secret).update(text).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}
