import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { normalizePlatformId } from '../../src/channels/catalog.js';
import { systemClock } from '../../src/clock.js';
import { openCentralDb } from '../../src/db/central.js';
import { createPairings } from '../../src/pairing.js';
import { createRegistration } from '../../src/registration.js';
import { createInstallation, type Installation } from './host-process.js';
import { stepHere } from './steps-here.js';

let home: Installation;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterEach(() => home.remove());

const CHAT = 'discord:1100000000000000001:1200000000000000002';
const flags = ['--channel', 'discord', '--folder', 'family', '--name', 'Family', '--is-main', '--wait', '0'];
const madeSchema = z
  .object({ CODE: z.string(), PAIRING: z.string() })
  .transform((fields) => ({ code: fields.CODE, pairing: fields.PAIRING }));

/** What the running host does with a message that is the code. */
function redeem(code: string) {
  const db = openCentralDb(path.join(home.home, 'data', 'v2.db'));
  const registration = createRegistration({
    db,
    clock: systemClock,
    normalizePlatformId,
    assistantName: 'Andy',
  });
  const outcome = createPairings({ db, clock: systemClock, registration }).redeem({
    channelType: 'discord',
    platformId: CHAT,
    isGroup: true,
    sender: { id: 'discord:77', name: 'Ada', isBot: false, self: false },
    text: code,
  });
  db.close();
  return outcome.kind;
}

const pair = (...argv: string[]) => stepHere(home, 'pair', ...argv);

describe('pair', () => {
  it('prints a code, waits for it, and names the chat that sent it', async () => {
    const host = await home.start();
    const made = await pair(...flags);
    const { code, pairing } = madeSchema.parse(made.fields);
    expect(code).toMatch(/^[2-9A-Z]{8}$/);
    expect(made.fields.SEND).toMatch(new RegExp(`^Discord: .* direct message.*"@bot ${code}"`));
    expect(made.fields.NEXT).toContain(`--status ${pairing}`);
    expect(made.logged).not.toContain(code);
    const waiting = pair('--status', pairing, '--wait', '60');
    expect(redeem(code)).toBe('paired');
    expect((await waiting).fields).toMatchObject({
      RESULT: 'paired',
      PLATFORM_ID: CHAT,
      FOLDER: 'family',
      SENDER: 'discord:77',
    });
    await host.stop();
  });

  it('says so when nobody sends the code, and refuses what cannot be registered', async () => {
    const host = await home.start();
    const { pairing } = madeSchema.parse((await pair(...flags)).fields);
    const late = await pair('--status', pairing, '--wait', '1');
    expect(late).toMatchObject({ exitCode: 1, fields: { ERROR: 'pairing-not-used' } });
    const modes = ['--session-mode', 'per-thread', '--no-trigger-required'];
    const other = madeSchema.parse((await pair(...flags, ...modes)).fields);
    expect(redeem(other.code)).toBe('paired');
    const db = openCentralDb(path.join(home.home, 'data', 'v2.db'));
    const wirings = db.prepare('SELECT session_mode, trigger_rules FROM messaging_group_agents').all();
    db.close();
    expect(wirings).toContainEqual({
      session_mode: 'per-thread',
      trigger_rules: expect.stringContaining('"requiresTrigger":false'),
    });
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
