import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { group } from '../../../setup/group.js';
import { mounts } from '../../../setup/mounts.js';
import { register } from '../../../setup/register.js';
import { gatherWiring } from '../../../setup/verify/gather-wiring.js';
import { loadConfig } from '../../../src/config.js';
import { limitsOf } from '../../../src/container-runner/spec.js';
import { getAgentGroupByFolder, updateAgentGroup } from '../../../src/db/central/agent-groups.js';
import { checkMount, createExtraMounts, mountRules, writableFolders } from '../../../src/mounts/index.js';
import { requireAgentGroup } from '../../../src/people/agent-settings.js';
import { createInstallation } from './harness.js';

const chat = [
  '--platform-id',
  'discord:1100000000000000001:1200000000000000002',
  '--name',
  'F',
  '--folder',
  'fam',
];

let user = '';
let notes = '';
const list = () => join(user, '.config', 'wharfie', 'mount-allowlist.json');
beforeEach(() => {
  user = mkdtempSync(join(tmpdir(), 'wharfie-user-'));
  notes = join(user, 'notes');
  mkdirSync(join(notes, 'deep'), { recursive: true });
  mkdirSync(join(user, 'other', '.ssh'), { recursive: true });
  vi.stubEnv('HOME', user);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(user, { recursive: true });
});

describe('mounts', () => {
  it('writes the list outside the project, for its owner only, and the second time nothing', async () => {
    const at = createInstallation();
    expect((await at.run(mounts)).fields).toMatchObject({ STATUS: 'success', COUNT: 0 });
    expect(existsSync(list())).toBe(false);
    const json = ['--json', '{"allow": [{"path": "~/notes"}]}'];
    expect((await at.run(mounts, json)).fields).toMatchObject({
      STATUS: 'success',
      FILE: list(),
      ALLOW: [{ path: '~/notes', readOnly: true }],
    });
    expect(statSync(list()).mode & 0o777).toBe(0o600);
    expect((await at.run(mounts, json)).fields).toMatchObject({ STATUS: 'skipped' });
    expect((await at.run(mounts, ['--empty'])).fields).toMatchObject({ STATUS: 'success', COUNT: 0 });
  });

  it('adds, changes and takes away single folders, and leaves all others', async () => {
    const at = createInstallation();
    await at.run(mounts, ['--json', '{"allow": [{"path": "/srv"}], "blocked": ["*.key"]}']);
    const added = await at.run(mounts, ['--allow', '~/notes', '--allow', '/mnt/x/:rw']);
    const both = [
      { path: '/srv', readOnly: true },
      { path: '~/notes', readOnly: true },
      { path: '/mnt/x', readOnly: false },
    ];
    expect(added.fields).toMatchObject({ STATUS: 'success', COUNT: 3, ALLOW: both, BLOCKED: ['*.key'] });
    expect((await at.run(mounts, ['--allow', '/mnt/x'])).fields.ALLOW).toContainEqual({
      path: '/mnt/x',
      readOnly: true,
    });
    const gone = await at.run(mounts, ['--disallow', join(user, 'notes'), '--disallow', '/mnt/x']);
    expect(gone.fields).toMatchObject({ COUNT: 1, ALLOW: [{ path: '/srv', readOnly: true }] });
    const twice = await at.run(mounts, ['--disallow', '/mnt/x']);
    expect(twice).toMatchObject({ exitCode: 4, fields: { ERROR: 'not-allowed' } });
  });

  it.each([
    ['no JSON', ['--json', '{'], 'allowlist-unreadable'],
    ['an unknown key', ['--json', '{"allowed": []}'], 'allowlist-unreadable'],
    ['a relative folder', ['--json', '{"allow": [{"path": "notes"}]}'], 'allowlist-unreadable'],
    ['both flags', ['--empty', '--json', '{}'], 'conflicting-flags'],
    ['one folder and no folder', ['--allow', '/mnt', '--empty'], 'conflicting-flags'],
    ['a relative single folder', ['--allow', 'notes'], 'allowlist-unreadable'],
  ])('refuses %s with exit 4 and leaves the list as it is', async (_, argv, code) => {
    const at = createInstallation();
    await at.run(mounts, ['--json', '{"allow": [{"path": "/srv"}]}']);
    const before = readFileSync(list(), 'utf8');
    expect(await at.run(mounts, argv)).toMatchObject({ exitCode: 4, fields: { ERROR: code } });
    expect(readFileSync(list(), 'utf8')).toBe(before);
  });

  it('names a damaged list, and replaces it when told to', async () => {
    const at = createInstallation();
    mkdirSync(join(user, '.config', 'wharfie'), { recursive: true });
    writeFileSync(list(), 'oops');
    expect(await at.run(mounts)).toMatchObject({ exitCode: 2, fields: { ERROR: 'allowlist-invalid' } });
    expect((await at.run(mounts, ['--empty'])).fields).toMatchObject({ STATUS: 'success' });
  });
});

describe('group', () => {
  it('shows and changes what containers may use, and says what changed', async () => {
    const at = createInstallation();
    await at.run(register, chat);
    const flags = [
      '--folder',
      'fam',
      '--egress',
      'list:Example.com,*.example.org',
      '--model',
      'big',
      '--memory',
      '1.5g',
    ];
    expect((await at.run(group, flags)).fields).toMatchObject({
      STATUS: 'success',
      EGRESS: 'list:example.com,*.example.org',
      MODEL: 'big',
      MEMORY: '1536m',
      CHANGED: 'containerConfig.egress, containerConfig.model, containerConfig.memoryBytes',
    });
    expect((await at.run(group, flags)).fields).toMatchObject({ STATUS: 'skipped', CHANGED: 'nothing' });
    const reset = ['--folder', 'fam', '--egress', 'model', '--model', 'default', '--memory', 'default'];
    expect((await at.run(group, reset)).fields).toMatchObject({
      MODEL: 'default',
      MEMORY: 'default',
      EGRESS: 'model',
    });
    expect((await at.run(group, ['--list'])).fields).toMatchObject({
      COUNT: 1,
      GROUPS: [{ FOLDER: 'fam', CHATS: 1 }],
    });
  });

  it('bounds what a container may use: as the list shows it, and as its next container is made with', async () => {
    const at = createInstallation();
    await at.run(register, chat);
    const limits = ['--memory', '512m', '--disk', '1.5g', '--cpus', '0.5', '--pids', '100'];
    const changed = await at.run(group, ['--folder', 'fam', ...limits]);
    const shown = { MEMORY: '512m', DISK: '1536m', CPUS: 0.5, PIDS: 100 };
    expect(changed.fields).toMatchObject({ ...shown, STATUS: 'success' });
    expect((await at.run(group, ['--list'])).fields).toMatchObject({ GROUPS: [shown] });
    const config = getAgentGroupByFolder(at.db(), 'fam')?.containerConfig;
    expect(config?.diskBytes).toBe(1536 * 1024 ** 2);
    expect(config && limitsOf(config)).toMatchObject({ memoryBytes: 512 * 1024 ** 2, cpus: 0.5, pids: 100 });
    const reset = ['memory', 'disk', 'cpus', 'pids'].flatMap((name) => [`--${name}`, 'default']);
    const back = { MEMORY: 'default', DISK: 'default', CPUS: 'default', PIDS: 'default' };
    expect((await at.run(group, ['--folder', 'fam', ...reset])).fields).toMatchObject(back);
    expect(getAgentGroupByFolder(at.db(), 'fam')?.containerConfig).not.toHaveProperty('diskBytes');
  });

  it.each([
    ['--disk', '1m'],
    ['--disk', 'much'],
    ['--memory', '1m'],
    ['--cpus', '0'],
    ['--cpus', 'all'],
    ['--cpus', '1000'],
    ['--pids', '3'],
    ['--pids', '9999999'],
  ])('refuses %s %s and changes nothing', async (flag, value) => {
    const at = createInstallation();
    await at.run(register, chat);
    const refused = await at.run(group, ['--folder', 'fam', flag, value]);
    expect(refused).toMatchObject({ exitCode: 4, fields: { ERROR: 'invalid-value' } });
    const now = (await at.run(group, ['--list'])).fields;
    expect(now).toMatchObject({
      GROUPS: [{ MEMORY: 'default', DISK: 'default', CPUS: 'default', PIDS: 'default' }],
    });
  });

  it('gives a folder that the allow-list allows, links resolved, and takes all away again', async () => {
    const at = createInstallation();
    await at.run(register, chat);
    await at.run(mounts, ['--json', '{"allow": [{"path": "~/notes", "readOnly": false}]}']);
    symlinkSync(join(notes, 'deep'), join(user, 'link'));
    const wish = ['--folder', 'fam', '--mount', `${join(user, 'link')}:rw`, '--mount', notes];
    expect((await at.run(group, wish)).fields).toMatchObject({
      MOUNTS: [`${join(notes, 'deep')}:rw`, `${notes}:ro`],
    });
    const none = await at.run(group, ['--folder', 'fam', '--mount', 'none']);
    expect(none.fields).toMatchObject({ STATUS: 'success', MOUNTS: [] });
  });

  it.each([
    ['a folder that is not on the list', () => join(user, 'other'), 'mount-not-allowed'],
    ['a folder with keys', () => join(user, 'other', '.ssh'), 'mount-not-allowed'],
    ['the home folder', () => user, 'mount-not-allowed'],
    ['everything', () => '/', 'mount-not-allowed'],
    ['a folder that is not there', () => join(user, 'nope'), 'mount-missing'],
    ['a file', () => list(), 'mount-missing'],
    ['more than the list gives', () => `${notes}:rw`, 'mount-read-only'],
  ])('refuses to mount %s', async (_, path, code) => {
    const at = createInstallation();
    await at.run(register, chat);
    const allow = { allow: [{ path: '~/notes' }, { path: '~/other/.ssh' }] };
    await at.run(mounts, ['--json', JSON.stringify(allow)]);
    const refused = await at.run(group, ['--folder', 'fam', '--mount', path()]);
    expect(refused).toMatchObject({ exitCode: 4, fields: { ERROR: code } });
    expect((await at.run(group, ['--folder', 'fam'])).fields).toMatchObject({ MOUNTS: [] });
  });

  it('refuses what contains the home folder, even where nothing else would', () => {
    const allowlist = { allow: [{ path: '/', readOnly: true }], blocked: [] };
    const refuse = () =>
      checkMount(
        { allowlist, forbidden: [], home: user, writable: [] },
        { path: dirname(user), readOnly: true },
      );
    expect(refuse).toThrow('home folder');
  });

  it('refuses to mount the state of the installation, whatever the list says', async () => {
    const at = createInstallation();
    await at.run(register, chat);
    await at.run(mounts, ['--json', '{"allow": [{"path": "/"}]}']);
    for (const path of [at.home, at.paths.data, join(at.paths.agentFolders, 'fam')]) {
      expect((await at.run(group, ['--folder', 'fam', '--mount', path])).fields).toMatchObject({
        ERROR: 'mount-not-allowed',
      });
    }
  });

  it.each([
    ['an unknown folder', ['--folder', 'nope', '--model', 'x'], 'unknown-folder'],
    ['an egress that is none', ['--folder', 'fam', '--egress', 'all'], 'invalid-value'],
    ['an empty list of hosts', ['--folder', 'fam', '--egress', 'list:'], 'invalid-value'],
    ['a host with a path', ['--folder', 'fam', '--egress', 'list:example.com/x'], 'invalid-value'],
    ['a whole top level', ['--folder', 'fam', '--egress', 'list:a.example,*.com'], 'egress-too-wide'],
    ['a registry, with a port', ['--folder', 'fam', '--egress', 'list:*.co.uk:8443'], 'egress-too-wide'],
    [
      "a host of other people's pages",
      ['--folder', 'fam', '--egress', 'list:*.github.io'],
      'egress-too-wide',
    ],
    ['too little memory', ['--folder', 'fam', '--memory', '10m'], 'invalid-value'],
    ['memory without a unit', ['--folder', 'fam', '--memory', '2'], 'invalid-value'],
    ['a model with a space', ['--folder', 'fam', '--model', 'a b'], 'invalid-value'],
    ['the mock for people', ['--folder', 'fam', '--provider', 'mock'], 'mock-group'],
  ])('refuses %s with exit 4 and changes nothing', async (_, argv, code) => {
    const at = createInstallation();
    await at.run(register, chat);
    const before = getAgentGroupByFolder(at.db(), 'fam');
    expect(await at.run(group, argv)).toMatchObject({ exitCode: 4, fields: { ERROR: code } });
    expect(getAgentGroupByFolder(at.db(), 'fam')).toEqual(before);
  });
});

describe('a list from before such entries were refused', () => {
  it('is found, with what is left of it as the cure', async () => {
    const at = createInstallation();
    await at.run(register, chat);
    const db = at.db();
    const stored = (egress: string[]) => {
      const before = requireAgentGroup(db, 'fam');
      updateAgentGroup(db, { ...before, containerConfig: { ...before.containerConfig, egress } });
      const config = { ...loadConfig({}, {}), paths: at.paths };
      return gatherWiring(db, config, { now: 0, enabledChannels: 1, only: undefined }).wideLists;
    };
    expect(stored(['*.com', 'example.org', '*.github.io:8443'])).toEqual([
      { folder: 'fam', wide: ['*.com', '*.github.io:8443'], kept: ['example.org'] },
    ]);
    expect(stored(['example.org', '*.example.com'])).toEqual([]);
  });
});

describe('extra mounts of a container', () => {
  it('gives each a name of its own, and leaves out and reports what is not allowed any more', async () => {
    const at = createInstallation();
    mkdirSync(join(user, 'more', 'notes'), { recursive: true });
    await at.run(register, chat);
    await at.run(mounts, ['--json', '{"allow": [{"path": "~/notes"}, {"path": "~/more"}]}']);
    const both = ['--mount', notes, '--mount', join(user, 'more', 'notes')];
    await at.run(group, ['--folder', 'fam', ...both]);
    const agentGroup = getAgentGroupByFolder(at.db(), 'fam');
    const refused: string[] = [];
    const extraMounts = createExtraMounts({
      rules: () => mountRules(user, at.paths, writableFolders(at.db())),
      onRefused: (_, problem) => refused.push(problem.code),
    });
    expect(agentGroup && extraMounts(agentGroup)).toEqual([
      { source: notes, target: '/workspace/extra/notes', readOnly: true, identity: expect.any(String) },
      {
        source: join(user, 'more', 'notes'),
        target: '/workspace/extra/notes-2',
        readOnly: true,
        identity: expect.any(String),
      },
    ]);
    await at.run(mounts, ['--json', '{"allow": [{"path": "~/more"}]}']);
    expect(agentGroup && extraMounts(agentGroup)).toHaveLength(1);
    expect(refused).toEqual(['mount-not-allowed']);
  });

  it('leaves out what lies in a folder that an agent may write, whichever group it is', async () => {
    const at = createInstallation();
    await at.run(register, chat);
    await at.run(register, [...chat.slice(0, 4), '--folder', 'two', '--trigger', 'two']);
    await at.run(mounts, ['--json', '{"allow": [{"path": "~/notes", "readOnly": false}]}']);
    const deep = ['--folder', 'two', '--mount', join(notes, 'deep')];
    const above = ['--folder', 'fam', '--mount', `${notes}:rw`];
    // Where both are given at once or one after the other, in either order.
    const both = await at.run(group, [...above, '--mount', join(notes, 'deep')]);
    expect(both).toMatchObject({ exitCode: 4, fields: { ERROR: 'mount-not-allowed' } });
    expect((await at.run(group, deep)).fields).toMatchObject({ STATUS: 'success' });
    const refused = await at.run(group, above);
    expect(refused).toMatchObject({ exitCode: 4, fields: { ERROR: 'mount-above-another' } });
    await at.run(group, ['--folder', 'two', '--mount', 'none']);
    expect((await at.run(group, above)).fields).toMatchObject({ STATUS: 'success' });
    const late = await at.run(group, deep);
    expect(late).toMatchObject({ exitCode: 4, fields: { ERROR: 'mount-not-allowed' } });
    expect(late.fields.MESSAGE).toContain('which an agent may write');
    // The same folder is no way in: who writes in it cannot rename it.
    const same = await at.run(group, ['--folder', 'two', '--mount', notes]);
    expect(same.fields).toMatchObject({ STATUS: 'success' });

    // Stored by an earlier version: looked at before each start.
    const two = getAgentGroupByFolder(at.db(), 'two');
    if (!two) throw new Error('there is no group');
    const codes: string[] = [];
    const extraMounts = createExtraMounts({
      rules: () => mountRules(user, at.paths, writableFolders(at.db())),
      onRefused: (_, problem) => codes.push(problem.message),
    });
    const stored = { ...two.containerConfig, mounts: [{ path: join(notes, 'deep'), readOnly: true }] };
    expect(extraMounts({ ...two, containerConfig: stored })).toEqual([]);
    expect(codes).toEqual([expect.stringContaining('which an agent may write')]);
  });
});
