import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isVerified } from '../../../../src/channels/resend/authentication.js';

const mail = (...values: unknown[]) => ({
  headers: new Map<string, unknown>([['authentication-results', values.length === 1 ? values[0] : values]]),
});
const PASS =
  'amazonses.com; spf=pass (spfCheck: domain of example.org designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1; envelope-from=ada@example.org; helo=mx.example.org; dkim=pass header.i=@example.org; dmarc=pass header.from=example.org;';
const ADA = 'ada@example.org';

describe('a sender is verified', () => {
  test.each([
    ['by DMARC', PASS],
    ['by DMARC, whatever another receiver said before', ['mx.other.net; dmarc=fail', PASS]],
    ['in a list that is told as a text', JSON.stringify(['mx.other.net; dmarc=fail', PASS])],
    [
      'by its own signature, where there is no policy',
      'amazonses.com; dkim=pass header.i=@example.org; dmarc=none',
    ],
    [
      'by one of several signatures',
      'amazonses.com; dkim=pass header.i=@list.net; dkim=pass header.d=example.org',
    ],
  ])('%s', (_, value) => {
    expect(isVerified(mail(value), ADA)).toBe(true);
  });
});

describe('a sender is not verified', () => {
  test.each([
    ['by nothing', ''],
    ['by what is no text', 5],
    ['by another receiver', PASS.replace('amazonses.com', 'mx.google.com')],
    ['for another domain', PASS.replaceAll('example.org', 'evil.net')],
    ['for a domain above', PASS.replaceAll('example.org', 'org')],
    [
      'where DMARC failed, though a signature is right',
      'amazonses.com; dkim=pass header.i=@example.org; dmarc=fail',
    ],
    ['by SPF alone', 'amazonses.com; spf=pass smtp.mailfrom=ada@example.org; dmarc=none'],
    [
      'by a signature of another',
      'amazonses.com; dkim=pass header.i=@evil.net; dkim=fail header.i=@example.org',
    ],
    ['where two speak as the receiver', ['amazonses.com; dmarc=fail header.from=example.org', PASS]],
    [
      'where two verdicts stand',
      'amazonses.com; dmarc=fail header.from=example.org; dmarc=pass header.from=example.org',
    ],
    ['by what stands in a comment', 'amazonses.com; spf=fail (dmarc=pass header.from=example.org)'],
    [
      'by what stands in a comment of a comment',
      'amazonses.com; (a (b) dmarc=pass header.from=example.org) spf=fail',
    ],
    [
      'by what gets out of a comment',
      'amazonses.com; spf=pass (domain of a) dmarc=pass header.from=example.org',
    ],
    [
      'by what stands in quotes',
      'amazonses.com; spf=pass smtp.mailfrom="x; dmarc=pass header.from=example.org; "@evil.net',
    ],
  ])('%s', (_, value) => {
    const values = Array.isArray(value) ? value : [value];
    expect(isVerified(mail(...values), ADA)).toBe(false);
  });

  test('whatever a sender gets into the text of a verdict that is no', () => {
    const pieces = fc.constantFrom(
      ...['dmarc=pass', 'header.from=example.org', 'dkim=pass', 'header.i=@example.org', 'spf=pass'],
      ...['(', ')', '"', '\\', ' ', ';', 'x', '@', '='],
    );
    const inserted = fc.array(pieces, { maxLength: 12 }).map((some) => some.join(''));
    fc.assert(
      fc.property(inserted, (text) => {
        // The receiver's verdict about DMARC stands beside it: then no second one counts.
        const value = `amazonses.com; spf=pass (domain of ${text} designates) smtp.mailfrom=${text}; dmarc=fail header.from=example.org`;
        expect(isVerified(mail(value), ADA)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
