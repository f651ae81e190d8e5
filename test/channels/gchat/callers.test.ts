import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHAT_EMAIL, chatSigner, googleSigner } from '../../fakes/gchat/tokens.js';
import { createSigner } from '../../fakes/signer.js';
import { createRecordingHost, type RecordingHost } from '../contract/stage.js';
import { type GoogleChatStage, openGoogleChat } from '../gchat.js';

let stage: GoogleChatStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openGoogleChat();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const ENDPOINT = 'https://wharfie.example.org/webhooks/gchat';
const seconds = () => Math.floor(stage.clock.now() / 1000);

function event(): object {
  const { fake } = stage;
  return fake.eventOf('MESSAGE', fake.world.add(fake.world.direct, fake.world.ada, 'let me in'));
}

async function isRefused(authorization: string | null): Promise<void> {
  expect(await stage.fake.caller.call('x', authorization, event())).toBe(401);
  expect(host.events).toEqual([]);
}

describe('an app whose audience is its project', () => {
  const lies: [string, () => string | null][] = [
    ['no token', () => null],
    ['another scheme', () => 'Basic dTpw'],
    ['no JSON Web Token', () => 'Bearer abc'],
    ['another key under the same id', () => stage.fake.authorization({}, createSigner('chat-key'))],
    ['a key that Google does not publish', () => stage.fake.authorization({}, createSigner('elsewhere'))],
    ['another project', () => stage.fake.authorization({ aud: '999999999999' })],
    ['another issuer', () => stage.fake.authorization({ iss: 'somebody@example.iam.gserviceaccount.com' })],
    ['the past', () => stage.fake.authorization({ exp: seconds() - 301 })],
    ['the future', () => stage.fake.authorization({ iat: seconds() + 301 })],
    ['no end', () => stage.fake.authorization({ exp: undefined })],
    [
      'a token without a signature',
      () => {
        const [, claims] = stage.fake.authorization().split('.');
        const header = Buffer.from('{"alg":"none","kid":"chat-key"}').toString('base64url');
        return `Bearer ${header}.${claims}.`;
      },
    ],
    [
      'an address where none is known here',
      () =>
        stage.fake.authorization({
          iss: 'https://accounts.google.com',
          aud: ENDPOINT,
          email: CHAT_EMAIL,
          email_verified: true,
        }),
    ],
  ];
  test.each(lies)('is not called with %s', async (_, authorization) => {
    await stage.adapter.start(host);
    await isRefused(authorization());
    expect(await stage.fake.caller.call('x', stage.fake.authorization(), event())).toBe(200);
    expect(host.events).toHaveLength(1);
  });

  test('clocks may differ a little', async () => {
    await stage.adapter.start(host);
    const authorization = stage.fake.authorization({ iat: seconds() + 200, exp: seconds() - 200 });
    expect(await stage.fake.caller.call('x', authorization, event())).toBe(200);
  });

  test('a call that cannot be verified now is no refusal: it may come again', async () => {
    await stage.adapter.start(host);
    stage.fake.http.faults.next(/\/jwk\//, { kind: 'answer', status: 500 });
    expect(await stage.fake.caller.call('x', stage.fake.authorization(), event())).toBe(500);
    expect(await stage.fake.caller.call('x', stage.fake.authorization(), event())).toBe(200);
  });
});

describe('an add-on', () => {
  const open = async () => {
    stage.fake.addOnAt = ENDPOINT;
    const adapter = stage.again({ WHARFIE_PUBLIC_URL: 'https://wharfie.example.org' });
    await adapter.start(host);
    return adapter;
  };

  test('is heard', async () => {
    const adapter = await open();
    expect(await stage.fake.caller.call('x', stage.fake.authorization(), event())).toBe(200);
    expect(host.events[0]).toMatchObject({ text: 'let me in', isGroup: false, chatName: 'Ada' });
    expect(host.events[0]?.at).toBe(stage.clock.now());
    await adapter.stop();
  });

  test('is told times in seconds too', async () => {
    const adapter = await open();
    const createTime = { seconds: `${seconds()}`, nanos: 5_000_000 };
    const { fake } = stage;
    const message = { ...fake.world.add(fake.world.direct, fake.world.ada, 'when?'), createTime };
    const told = { chat: { messagePayload: { space: fake.world.direct, message } } };
    expect(await fake.caller.call('x', fake.authorization(), told)).toBe(200);
    expect(host.events[0]?.at).toBe(seconds() * 1000 + 5);
    await adapter.stop();
  });

  const lies: [string, () => string | null][] = [
    [
      'the add-on of another project',
      () =>
        stage.fake.authorization({
          email: 'service-999999999999@gcp-sa-gsuiteaddons.iam.gserviceaccount.com',
        }),
    ],
    ['anybody with an account', () => stage.fake.authorization({ email: 'mallory@gmail.com' })],
    ['an address that was not verified', () => stage.fake.authorization({ email_verified: false })],
    ['nobody', () => stage.fake.authorization({ email: undefined })],
    [
      'a call to another address',
      () => stage.fake.authorization({ aud: 'https://evil.example/webhooks/gchat' }),
    ],
    ['another issuer', () => stage.fake.authorization({ iss: 'https://evil.example' })],
    ['another key', () => stage.fake.authorization({}, createSigner('google-key'))],
    ['a key of Chat itself', () => stage.fake.authorization({}, chatSigner)],
  ];
  test.each(lies)('is not taken for %s', async (_, authorization) => {
    const adapter = await open();
    await isRefused(authorization());
    await adapter.stop();
  });

  test('an app whose audience is its address is called by Chat itself', async () => {
    const adapter = await open();
    const authorization = stage.fake.authorization({ email: CHAT_EMAIL }, googleSigner);
    expect(await stage.fake.caller.call('x', authorization, event())).toBe(200);
    await adapter.stop();
  });
});
