import { describe, expect, it } from 'vitest';
import { isTooWide } from '../../../src/egress/suffixes.js';

describe('a wildcard of a list', () => {
  it.each([
    '*.com',
    '*.COM.',
    '*.com:8443',
    ' *.org ',
    '*.xn--p1ai',
    '*.co.uk',
    '*.com.au',
    '*.gov.in',
    '*.any.ck',
    '*.github.io',
    '*.vercel.app',
    '*.trycloudflare.com',
    '*.amazonaws.com',
    '*.s3.amazonaws.com',
    '*.eu-west-1.amazonaws.com',
    '*.core.windows.net',
    '*.blob.core.windows.net',
    '*.windows.net',
    '*.azure.com',
    '*.',
  ])('%s lets in whoever registers a name', (entry) => expect(isTooWide(entry)).toBe(true));

  it.each([
    '*.example.com',
    '*.example.co.uk',
    '*.a.b.example.org:8443',
    '*.ada.github.io',
    '*.anthropic.com',
    '*.uk.example.com',
    'github.io',
    'com',
    'example.com',
    '10.0.0.1',
    '[fd12::1]:443',
    '',
  ])('%s does not', (entry) => expect(isTooWide(entry)).toBe(false));
});
