import { expect, test } from 'vitest';
import { createAccessTokens } from '../../../../src/channels/tokens/access.js';
import { createFakeClock } from '../../../fakes/clock.js';

function setUp() {
  const clock = createFakeClock();
  let asked = 0;
  let fails = false;
  const tokens = createAccessTokens({
    clock,
    async request() {
      asked += 1;
      if (fails) throw new Error('refused');
      return { token: `token ${asked}`, expiresInS: 3600 };
    },
  });
  const fail = (next: boolean) => {
    fails = next;
  };
  return { clock, tokens, asked: () => asked, fail };
}

test('a token serves everybody until shortly before its end', async () => {
  const { clock, tokens, asked } = setUp();
  expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['token 1', 'token 1']);
  await clock.advance(54 * 60_000);
  expect(await tokens.get()).toBe('token 1');
  await clock.advance(2 * 60_000);
  expect(await tokens.get()).toBe('token 2');
  expect(asked()).toBe(2);
});

test('one that was refused is replaced, and a failure is no token', async () => {
  const { tokens, fail } = setUp();
  await tokens.get();
  tokens.forget();
  fail(true);
  await expect(tokens.get()).rejects.toThrow('refused');
  fail(false);
  expect(await tokens.get()).toBe('token 3');
});
