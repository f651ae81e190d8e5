import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { normalizePlatformId } from '../../src/channels/catalog/index.js';
import { systemClock } from '../../src/clock.js';
import { openCentralDb } from '../../src/db/central/index.js';
import { createPairings } from '../../src/people/pairing.js';
import { createRegistration } from '../../src/people/registration/index.js';
import { createInstallation, type Installation } from './host-process.js';
import { stepHere } from './steps-here.js';

let home: Installation;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterEach(() => home.remove());

const CHAT = 'discord:1100000000000000001:1200000000000000002';
const flags = ['--channel', 'discord', '--folder', 'family', '--name', 'Family', '--is-main', '--wait', '0'];
const event = (code: string) => ({
  channelType: 'discord',
  platformId: CHAT,
  isGroup: true,
  sender: { id: 'discord:77', name: 'Ada', isBot: false, self: false },
  text: code,
});

/** What the step makes, and what the running host does with a message that is the code. */
function pairings<T>(use: (pairings: ReturnType<typeof createPairings>) => T): T {
  const db = openCentralDb(path.join(home.home, 'data', 'v2.db'));
  const registration = createRegistration({
    db,
    clock: systemClock,
    normalizePlatformId,
    assistantName: 'Andy',
  });
  try {
    return use(createPairings({ db, clock: systemClock, registration }));
  } finally {
    db.close();
  }
}
const create = () =>
  pairings((all) =>
    all.create({ channelType: 'discord', request: { name: 'Family', folder: 'family', isMain: true } }),
  );
const redeem = (code: string) => pairings((all) => all.redeem(event(code)).kind);

const pair = (...argv: string[]) => stepHere(home, 'pair', ...argv);

describe('pair', () => {
  it('waits for the code, and names the chat that sent it, its sender and what calls the agent', async () => {
    const host = await home.start();
    const { code, id } = create();
    const waiting = pair('--status', id, '--wait', '60');
    expect(redeem(code)).toBe('paired');
    expect((await waiting).fields).toMatchObject({
      RESULT: 'paired',
      PLATFORM_ID: CHAT,
      FOLDER: 'family',
      SENDER: 'discord:77',
      ROLE: 'owner',
      TRIGGER: '@Andy',
      MAIN: true,
    });
    await host.stop();
  });

  it('makes no code for a channel that is not enabled or has no token: nobody would hear it', async () => {
    const host = await home.start();
    const refused = await pair(...flags.map((one) => (one === 'discord' ? 'telegram' : one)));
    expect(refused).toMatchObject({ exitCode: 2, fields: { ERROR: 'channel-not-enabled' } });
    expect(refused.fields.FIX).toBe('./wharfie channel --enable telegram');
    const tokenless = await pair(...flags);
    expect(tokenless).toMatchObject({ exitCode: 2, fields: { ERROR: 'credential-missing' } });
    expect(tokenless.fields.FIX).toContain('./wharfie channel --auth discord');
    for (const { fields } of [refused, tokenless]) expect(fields).not.toHaveProperty('CODE');
    await host.stop();
  });

  it('says so when nobody sends the code, and refuses what cannot be registered', async () => {
    const host = await home.start();
    const { id } = create();
    const late = await pair('--status', id, '--wait', '1');
    const again = `./wharfie pair --status ${id} --wait 100`;
    expect(late).toMatchObject({ exitCode: 1, fields: { ERROR: 'pairing-not-used', NEXT: again } });
    expect(late.fields.FIX).toMatch(/^\.\/wharfie pair --status/);
    const gone = await pair('--status', 'pair_nothing', '--wait', '1');
    expect(gone.fields.ERROR).toBe('pairing-expired');
    const refused = async (...argv: string[]) => (await pair(...argv)).fields.ERROR;
    expect(await refused('--channel', 'discord', '--name', 'x')).toBe('missing-flag');
    expect(await refused('--channel', 'fax', '--folder', 'x', '--name', 'x')).toBe('unknown-channel');
    expect(await refused('--channel', 'cli', '--folder', 'x', '--name', 'x')).toBe('invalid-value');
    const traversal = await pair('--channel', 'discord', '--folder', '../x', '--name', 'x');
    expect(traversal).toMatchObject({ exitCode: 4, fields: { ERROR: 'invalid-registration' } });
    await host.stop();
  });

  it('says what to do where no host runs', async () => {
    const { exitCode, fields } = await pair(...flags);
    expect(exitCode).toBe(2);
    expect(fields).toMatchObject({ ERROR: 'host-not-running', FIX: expect.stringContaining('npm start') });
  });
});
