import { createHmac, timingSafeEqual } from 'node:crypto';

/** How old a call may be (docs.svix.com/receiving/verifying-payloads/how-manual): what was overheard is of no use later. */
const LONGEST_AGE_S = 300;

/** Whether Resend made this call: signed with the webhook's secret (`whsec_…`), and a short while ago. */
export function isSigned(secret: string, headers: Headers, body: string, now: number): boolean {
  const id = headers.get('svix-id') ?? '';
  const timestamp = headers.get('svix-timestamp') ?? '';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (id === '' || key.length === 0 || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > LONGEST_AGE_S) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  // Several while a secret is being changed.
  return (headers.get('svix-signature') ?? '')
    .split(' ')
    .slice(0, 10)
    .some((one) => {
      const given = Buffer.from(one.replace(/^v1,/, ''), 'base64');
      return one.startsWith('v1,') && given.length === expected.length && timingSafeEqual(given, expected);
    });
}
