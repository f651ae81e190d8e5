import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeySet, type KeySet } from '../../../../src/channels/tokens/keys.js';
import { createFakeClock, type FakeClock } from '../../../fakes/clock.js';
import { createPlatformServer, type PlatformServer } from '../../../fakes/platform-server.js';

let http: PlatformServer;
let clock: FakeClock;
let keys: KeySet;
let published: object[];
const key = (kid: string) => ({ kid, kty: 'RSA', n: 'AQAB', e: 'AQAB' });

beforeEach(async () => {
  published = [key('one')];
  http = await createPlatformServer({
    nameOf: () => 'keys',
    answer: () => ({ status: 200, body: { keys: published } }),
  });
  clock = createFakeClock();
  keys = createKeySet({ clock, url: async () => http.origin() });
});
afterEach(() => http.close());

test('keys are asked for once, whoever waits for them', async () => {
  const found = await Promise.all(['one', 'one', 'two'].map((kid) => keys.find(kid)));
  expect(found.map((one) => one?.kid)).toEqual(['one', 'one', undefined]);
  expect(http.requests).toHaveLength(1);
});

test('a new key is found, and made-up ones cost one request a minute', async () => {
  await keys.find('one');
  published = [key('one'), key('two')];
  expect(await keys.find('two')).toBeNull();
  await clock.advance(61_000);
  expect(await keys.find('two')).toMatchObject({ kid: 'two' });
  for (let at = 0; at < 20; at += 1) expect(await keys.find(`made up ${at}`)).toBeNull();
  expect(http.requests).toHaveLength(2);
});

test('a key that was taken back is not used for long', async () => {
  await keys.find('one');
  published = [key('two')];
  await clock.advance(3_601_000);
  expect(await keys.find('one')).toBeNull();
});

test('old keys serve while none can be had, and without any it is an error', async () => {
  await keys.find('one');
  http.faults.next(/keys/, { kind: 'answer', status: 500 });
  await clock.advance(3_601_000);
  expect(await keys.find('one')).toMatchObject({ kid: 'one' });
  const others = createKeySet({ clock, url: async () => http.origin() });
  http.faults.next(/keys/, { kind: 'answer', status: 500 });
  await expect(others.find('one')).rejects.toThrow('500');
  expect(await others.find('one')).toMatchObject({ kid: 'one' });
});

test('what is no RSA key is left out', async () => {
  published = [{ kid: 'one', kty: 'oct', k: 'secret' }, { kty: 'RSA' }, key('two')];
  expect(await keys.find('one')).toBeNull();
  expect(await keys.find('two')).toMatchObject({ kid: 'two' });
});
