import { afterEach, beforeEach, expect, test } from 'vitest';
import { createServices } from '../../../src/channels/teams/service.js';
import { createSigner } from '../../fakes/signer.js';
import { otherChannelsSigner } from '../../fakes/teams.js';
import { createRecordingHost, type RecordingHost } from '../contract/stage.js';
import { openTeams, type TeamsStage } from '../teams.js';

let stage: TeamsStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openTeams();
  host = createRecordingHost();
  await stage.adapter.start(host);
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const seconds = () => Math.floor(stage.clock.now() / 1000);
const activity = (more: object = {}) =>
  stage.fake.activity(stage.fake.world.direct, { id: '1', text: 'let me in', ...more });
const elsewhere = 'https://evil.example/teams/';

const lies: [string, () => [string | null, unknown]][] = [
  ['no token', () => [null, activity()]],
  ['no JSON Web Token', () => ['Bearer abc', activity()]],
  [
    'another key under the same id',
    () => [stage.fake.authorization({}, createSigner('connector-key')), activity()],
  ],
  [
    'a key that speaks for other channels',
    () => [stage.fake.authorization({}, otherChannelsSigner), activity()],
  ],
  [
    'another bot',
    () => [stage.fake.authorization({ aud: '11111111-2222-3333-4444-555555555555' }), activity()],
  ],
  ['another issuer', () => [stage.fake.authorization({ iss: 'https://sts.windows.net/x/' }), activity()]],
  ['the past', () => [stage.fake.authorization({ exp: seconds() - 301 }), activity()]],
  ['the future', () => [stage.fake.authorization({ nbf: seconds() + 301 }), activity()]],
  [
    'a service that the token does not name',
    () => [stage.fake.authorization(), activity({ serviceUrl: `${stage.fake.http.origin()}/other/` })],
  ],
  [
    'a service that is not Microsoft’s',
    () => [stage.fake.authorization({ serviceurl: elsewhere }), activity({ serviceUrl: elsewhere })],
  ],
  ['no service', () => [stage.fake.authorization({ serviceurl: undefined }), activity()]],
  ['another channel', () => [stage.fake.authorization(), activity({ channelId: 'webchat' })]],
  ['the emulator', () => [stage.fake.authorization(), activity({ channelId: 'emulator' })]],
  ['no activity', () => [stage.fake.authorization(), 'hello']],
];
test.each(lies)('a call is refused with %s', async (_, lie) => {
  expect(await stage.fake.caller.call('x', ...lie())).toBe(401);
  expect(host.events).toEqual([]);
  expect(await stage.fake.caller.call('x', stage.fake.authorization(), activity())).toBe(200);
  expect(host.events).toHaveLength(1);
});

test('a call that cannot be verified now is no refusal: it may come again', async () => {
  stage.fake.http.faults.next(/\/openid/, { kind: 'answer', status: 500 });
  expect(await stage.fake.caller.call('x', stage.fake.authorization(), activity())).toBe(500);
  expect(await stage.fake.caller.call('x', stage.fake.authorization(), activity())).toBe(200);
});

test.each([
  ['https://smba.trafficmanager.net/emea/', true],
  ['https://smba.trafficmanager.net/teams', true],
  ['https://smba.infra.gcc.teams.microsoft.com/gcc', true],
  ['https://smba.infra.gov.teams.microsoft.us/gov', true],
  ['https://trafficmanager.net/', false],
  ['https://other.trafficmanager.net/', false],
  ['https://xsmba.trafficmanager.net/', false],
  ['https://smba.trafficmanager.net.evil.example/', false],
  ['https://evilteams.microsoft.com/', false],
  ['https://user:pass@smba.trafficmanager.net/', false],
  ['https://smba.trafficmanager.net:444/', false],
  ['http://smba.trafficmanager.net/', false],
  ['https://evil.example/smba.trafficmanager.net', false],
  ['file:///etc/passwd', false],
  ['', false],
])('our token may go to %s: %s', (serviceUrl, may) => {
  expect(createServices(undefined).trusts(serviceUrl)).toBe(may);
});

test('a gateway that the configuration names is trusted too, and nothing beside it', () => {
  const services = createServices('https://gateway.example:8443/teams');
  expect(services.trusts('https://gateway.example:8443/other')).toBe(true);
  expect(services.trusts('https://gateway.example/teams')).toBe(false);
});
