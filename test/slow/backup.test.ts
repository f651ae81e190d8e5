import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCentralDb } from '../../src/db/central/index.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { stepHere } from '../system/steps-here.js';

const ID = 'discord:1100000000000000001:1200000000000000002';

let home: Installation;

beforeEach(() => {
  home = createInstallation({ SOME_TOKEN: 'secret' });
  home.env.HOME = join(home.home, 'me');
});
afterEach(() => home.remove());

const at = (...path: string[]) => join(home.home, ...path);
const backup = (...flags: string[]) => stepHere(home, 'backup', ...flags);
const say = (text: string) => home.run(['src/index.ts'], { input: `${text}\n` });
const register = (name: string) =>
  stepHere(home, 'register', '--platform-id', ID, '--name', name, '--folder', 'family');
const names = () => (existsSync(at('backups')) ? readdirSync(at('backups')) : []);

/** What a person would miss: names of chats, the agent's notes, the conversation's rows, the settings. */
function state() {
  const db = openCentralDb(at('data', 'v2.db'));
  const chats = db.prepare<[], string>('SELECT name FROM messaging_groups ORDER BY name').pluck().all();
  db.close();
  const files = readdirSync(at('data', 'v2-sessions'), { recursive: true, encoding: 'utf8' }).sort();
  const inbound = files.filter((file) => file.endsWith('inbound.db'));
  return {
    chats,
    files: files.filter((file) => !/-journal|heartbeat/.test(file)),
    messages: inbound.map((file) => readFileSync(at('data', 'v2-sessions', file)).toString('base64')),
    notes: readFileSync(at('data', 'groups', 'family', 'notes.md'), 'utf8'),
    env: readFileSync(at('.env'), 'utf8'),
  };
}

async function established(): Promise<ReturnType<typeof state>> {
  await say('before');
  await register('Family');
  writeFileSync(at('data', 'groups', 'family', 'notes.md'), 'before');
  return state();
}

describe('backup', () => {
  it('keeps all of an installation, and puts it back with what was there moved aside', async () => {
    const allowed = { path: '/srv/papers', readOnly: true };
    await home.step('mounts', '--json', JSON.stringify({ allow: [allowed] }));
    const before = await established();
    const made = await backup();
    const name = String(made.fields.BACKUP);
    expect(made).toMatchObject({ exitCode: 0, fields: { STATUS: 'success', SERVICE: 'not-running' } });
    expect(made.output + made.logged).not.toContain('secret');
    const modes = [at('backups', name), at('backups', name, '.env'), at('backups', name, 'v2.db')];
    expect(modes.map((file) => statSync(file).mode & 0o777)).toEqual([0o700, 0o600, 0o600]);

    await say('after');
    await register('Renamed');
    writeFileSync(at('data', 'groups', 'family', 'notes.md'), 'after');
    writeFileSync(at('.env'), 'OTHER=1\n');
    rmSync(at('me', '.config'), { recursive: true });
    const between = state();
    expect((await backup('--list')).fields).toMatchObject({
      COUNT: 1,
      BACKUPS: [
        { name, reason: 'asked', release: expect.any(String), code: expect.stringMatching(/^[0-9a-f]{40}$/) },
      ],
    });
    const restored = await backup('--restore', name);
    expect(restored).toMatchObject({ exitCode: 0, fields: { RESTORED: name, ALLOW_LIST: 'restored' } });
    expect(state()).toEqual(before);
    expect(statSync(at('.env')).mode & 0o777).toBe(0o600);
    expect(readFileSync(at('me', '.config', 'wharfie', 'mount-allowlist.json'), 'utf8')).toContain(
      '/srv/papers',
    );
    const aside = String(restored.fields.REPLACED);
    expect(readFileSync(join(aside, 'data', 'groups', 'family', 'notes.md'), 'utf8')).toBe(between.notes);
    expect(readdirSync(aside).sort()).toEqual(
      expect.arrayContaining(['.env', 'data', 'v2-sessions', 'v2.db']),
    );
    expect((await say('again')).stdout).toContain('You said: again');
  });

  it('takes trees of containers as they are: links stay links, nothing is followed, nothing holds it up', async () => {
    await established();
    const tree = at('data', 'groups', 'family');
    symlinkSync('/etc/passwd', join(tree, 'link'));
    writeFileSync(join(tree, 'file'), 'x', { mode: 0o640 });
    linkSync(join(tree, 'file'), join(tree, 'second name'));
    execFileSync('mkfifo', [join(tree, 'fifo')]);
    const odd = Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0x0a, 0x22])]);
    writeFileSync(odd, 'odd');
    mkdirSync(join(tree, 'closed'));
    chmodSync(join(tree, 'closed'), 0);
    const { fields } = await backup();
    expect(fields).toMatchObject({ STATUS: 'success' });
    chmodSync(join(tree, 'closed'), 0o700);
    expect((await backup('--restore', String(fields.BACKUP))).fields).toMatchObject({ STATUS: 'success' });
    expect(readlinkSync(join(tree, 'link'))).toBe('/etc/passwd');
    expect(statSync(join(tree, 'file'))).toMatchObject({ nlink: 2, mode: 0o100640 });
    expect(lstatSync(join(tree, 'fifo')).isFIFO()).toBe(true);
    expect(readFileSync(odd, 'utf8')).toBe('odd');
  });

  it('leaves a host alone that somebody started by hand', async () => {
    const host = await home.start();
    expect(await backup()).toMatchObject({ exitCode: 2, fields: { ERROR: 'host-already-running' } });
    expect(names()).toEqual([]);
    await host.stop();
  });

  it('is whole or not there: killed half-way it leaves nothing that is listed, and runs again', async () => {
    await established();
    const args = ['setup/index.ts', '--step', 'backup'];
    const killed = await home.run(args, { env: { WHARFIE_CRASH_AT: 'backup:half-way' } });
    expect(killed.code).toBeNull();
    expect((await backup('--list')).fields).toMatchObject({ COUNT: 0 });
    expect((await backup()).fields).toMatchObject({ STATUS: 'success' });
    expect(names().filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('finishes a restore that was killed half-way, and no host starts before that', async () => {
    const before = await established();
    const name = String((await backup()).fields.BACKUP);
    await say('after');
    const args = ['setup/index.ts', '--step', 'backup', '--', '--restore', name];
    expect((await home.run(args, { env: { WHARFIE_CRASH_AT: 'restore:half-way' } })).code).toBeNull();
    const refused = await say('hello');
    expect(refused.stderr).toContain('./wharfie backup --resume');
    expect(refused.code).toBe(1);
    expect(await backup()).toMatchObject({ exitCode: 2, fields: { ERROR: 'restore-unfinished' } });
    expect((await backup('--resume')).fields).toMatchObject({ STATUS: 'success', RESULT: 'finished' });
    expect(state()).toEqual(before);
    expect((await backup('--resume')).fields).toMatchObject({ STATUS: 'skipped' });
  });

  it('restores nothing that is damaged, unknown, or of a newer version', async () => {
    const before = await established();
    const name = String((await backup()).fields.BACKUP);
    for (const unknown of ['nope', '../../etc', '.partial', 'a"b$c']) {
      const refused = await backup('--restore', unknown);
      expect(refused).toMatchObject({
        fields: { ERROR: 'backup-unknown', FIX: expect.stringContaining('--list') },
      });
    }
    const manifest = at('backups', name, 'manifest.json');
    const sound = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, sound.replace('"migrations": [', '"migrations": ["999-later", '));
    expect(await backup('--restore', name)).toMatchObject({
      exitCode: 2,
      fields: { ERROR: 'database-newer', FIX: expect.stringContaining('git checkout') },
    });
    writeFileSync(manifest, sound);
    writeFileSync(at('backups', name, 'v2.db'), 'not what was written');
    expect(await backup('--restore', name)).toMatchObject({
      exitCode: 1,
      fields: { ERROR: 'backup-damaged' },
    });
    expect(state()).toEqual(before);
  });

  it('refuses two things at once', async () => {
    expect(await backup('--list', '--restore', 'x')).toMatchObject({ exitCode: 4 });
  });
});
