import { expect, test } from 'vitest';
import { isAutomatic } from '../../../../src/channels/resend/automatic.js';

const mail = (headers: Record<string, unknown> = {}) => ({ headers: new Map(Object.entries(headers)) });
const ADA = 'ada@example.org';

test.each<[string, Record<string, unknown>, string]>([
  ['an absence note', { 'auto-submitted': 'auto-replied; owner-email="a@b.c"' }, ADA],
  ['one of an old program', { precedence: 'bulk' }, ADA],
  ['a mailing list', { 'list-id': '<all.example.org>' }, ADA],
  ['a bounce', { 'return-path': '<>' }, ADA],
  ['a bounce by its sender', {}, 'mailer-daemon@googlemail.com'],
  ['a notice', {}, 'no-reply@shop.example'],
  ['a notice with a tag', {}, 'bounces+42@shop.example'],
])('%s is written by a machine', (_, headers, address) => {
  expect(isAutomatic(mail(headers), address)).toBe(true);
});

test.each<[string, Record<string, unknown>, string]>([
  ['a mail', {}, ADA],
  ['one that says so', { 'auto-submitted': 'no' }, ADA],
  ['an urgent one', { precedence: 'first-class' }, ADA],
  ['somebody whose name begins so', {}, 'noreplyson@example.org'],
])('%s is written by a person', (_, headers, address) => {
  expect(isAutomatic(mail(headers), address)).toBe(false);
});
