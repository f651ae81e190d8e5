import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isVerified } from '../../../../src/channels/resend/authentication.js';
import { mailSchema } from '../../../../src/channels/resend/packets.js';

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
    ['in capitals, on several lines', PASS.replace('amazonses', 'AmazonSES').replaceAll('; ', ';\r\n ')],
    ['by a receiver that tells its version', PASS.replace('amazonses.com', 'amazonses.com 1')],
    [
      'whatever others said before that cannot be read, or with no name',
      [
        'mx.other.net; spf=pass smtp.mailfrom="x',
        'dkim=none (message not signed) header.d=none;dmarc=none',
        PASS,
      ],
    ],
    [
      'beside the name of somebody like it',
      ['amazonses.com.evil.net; dmarc=fail', 'amazonses.community; x', PASS],
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

  /** What the receiver says of a forgery whose sender chose these words for the envelope. */
  const no = (from: string, helo = 'mx.evil.net') =>
    `amazonses.com; spf=fail (spfCheck: domain of evil.net does not designate 192.0.2.1) client-ip=192.0.2.1; envelope-from=${from}; helo=${helo}; dkim=none; dmarc=fail header.from=example.org;`;

  test.each([
    ['as it is', no('x@evil.net')],
    ['with a quoted local part in MAIL FROM', no('"x"@evil.net')],
    ['with a backslash', no('x\\@evil.net')],
    ['with a comment in HELO that does not end', no('x@evil.net', 'mx(')],
    ['with the end of a comment in HELO', no('x@evil.net', 'mx)')],
    ['with a word that has no name', no('x@evil.net', 'mx evil')],
    ['behind a comment', `(a (b) \\) c) ${no('"x"@evil.net')}`],
    ['behind a comment that does not end', `(a ${no('x@evil.net')}`],
    ['in quotes', no('x@evil.net').replace('amazonses.com', '"amazonses.com"')],
    ['in quotes, with a backslash', no('x@evil.net').replace('amazonses.com', '"amazon\\ses.com"')],
    ['in capitals', no('"x"@evil.net').toUpperCase()],
    ['with a version', no('"x"@evil.net').replace('.com', '.com 1')],
    ['with a full stop', no('x@evil.net').replace('.com', '.com.')],
    ['on several lines', `\r\n ${no('"x"@evil.net').replaceAll('; ', ';\r\n\t')}`],
    ['as no text', { value: no('x@evil.net') }],
  ])("by a header of the sender's own beside the receiver's no, %s", (_, value) => {
    for (const both of [
      [value, PASS],
      [PASS, value],
    ]) {
      expect(isVerified(mail(...both), ADA)).toBe(false);
      const told = both.map((one, at) => ({
        name: at ? 'authentication-results' : 'Authentication-Results ',
        value: one,
      }));
      for (const headers of [told, Object.fromEntries(told.map(({ name, value: one }) => [name, one]))]) {
        const whole = { id: 'mail-1', from: ADA, created_at: '', headers };
        expect(isVerified(mailSchema.parse(whole), ADA)).toBe(false);
      }
    }
    const asText = both(value);
    if (asText) expect(isVerified(mail(asText), ADA)).toBe(false);
  });

  const both = (value: unknown) => (typeof value === 'string' ? JSON.stringify([value, PASS]) : null);

  test('by two headers that were made one', () => {
    const none = 'amazonses.com; spf=pass envelope-from=x@evil.net; dmarc=none;';
    const signed = 'amazonses.com; dkim=pass header.i=@example.org';
    for (const joint of [' ', ', ', '\n']) {
      expect(isVerified(mail(none + joint + signed), ADA)).toBe(false);
      expect(isVerified(mail(signed + joint + none), ADA)).toBe(false);
    }
  });

  test('by what others sealed', () => {
    const headers = { 'ARC-Authentication-Results': `i=1; ${PASS}`, 'X-Authentication-Results': PASS };
    expect(isVerified(mailSchema.parse({ id: 'mail-1', from: ADA, created_at: '', headers }), ADA)).toBe(
      false,
    );
  });

  test.each([
    'From',
    'Sender',
    'Reply-To',
    'To',
    'Cc',
    'Bcc',
    'Subject',
    'Date',
    'Message-ID',
    'In-Reply-To',
    'References',
  ])('where %s stands twice, however that is told', (name) => {
    const whole = (headers: unknown) =>
      mailSchema.parse({ id: 'mail-1', from: ADA, created_at: '', headers });
    const verdict = { 'authentication-results': PASS };
    expect(isVerified(whole({ ...verdict, [name]: 'a' }), ADA)).toBe(true);
    const told = [
      { ...verdict, [name]: ['a', 'b'] },
      { ...verdict, [name]: JSON.stringify(['a', 'b']) },
      { ...verdict, [name]: 'a', [`${name.toUpperCase()} `]: 'b' },
      [
        { name, value: 'a' },
        { name: 'authentication-results', value: PASS },
        { name, value: 'a' },
      ],
    ];
    expect(told.map((headers) => isVerified(whole(headers), ADA))).toEqual(told.map(() => false));
  });

  /** What the receiver would say of a domain without DMARC if it wrote the words of the envelope as they are. */
  const unquoted = (from: string, helo = 'mx.evil.net') =>
    `amazonses.com; spf=pass (spfCheck: domain of evil.net designates 192.0.2.1) client-ip=192.0.2.1; envelope-from=${from}@evil.net; helo=${helo}; dkim=pass header.i=@evil.net; dmarc=none header.from=example.org;`;
  const FORGED = 'dkim=pass header.i=@example.org';

  test.each([
    ['in its place', unquoted(`x@evil.net; ${FORGED}; dkim=pass header.i=`)],
    ['with a machine of its own', unquoted(`x; helo=mx; ${FORGED}; a=`)],
    ['with a comment that hides the machine', unquoted(`x; helo=mx; ${FORGED}; a=b (`, 'mx)')],
    ['with a second address', unquoted(`x@evil.net; helo=mx; ${FORGED}; envelope-from=`)],
    ['as a property', unquoted(`x; helo=mx; ${FORGED}; a=b smtp.mailfrom=c smtp.mailfrom=`)],
    [
      'by the name of its machine, in a mail that is not signed',
      unquoted('x', `mx; ${FORGED}`).replace('dkim=pass header.i=@evil.net', 'dkim=none'),
    ],
  ])('by a signature in the words of the envelope, %s', (_, value) => {
    expect(isVerified(mail(value), ADA)).toBe(false);
  });

  test('by a verdict that a comment parts, or with two answers', () => {
    expect(isVerified(mail('amazonses.com; dmarc=pa()ss header.from=example.org'), ADA)).toBe(false);
    const twice = 'amazonses.com; dmarc=pass header.from=evil.net header.from=example.org';
    expect(isVerified(mail(twice), ADA)).toBe(false);
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
        expect(isVerified(mail(value, PASS), ADA)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
