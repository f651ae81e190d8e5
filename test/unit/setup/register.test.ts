import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { register } from '../../../setup/register.js';
import { unregister } from '../../../setup/unregister.js';
import { getMainAgentGroup, listAgentGroups } from '../../../src/db/central/agent-groups.js';
import { heldInWiredChats, holdMessage } from '../../../src/db/central/held-messages.js';
import { findMessagingGroup } from '../../../src/db/central/messaging-groups.js';
import { watchCentral } from '../../../src/host/central-watch.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createInstallation } from './harness.js';

const ID = 'discord:1100000000000000001:1200000000000000002';
const family = ['--platform-id', ID, '--name', 'Family', '--folder', 'family'];

const rows = (db: ReturnType<ReturnType<typeof createInstallation>['db']>) =>
  ['agent_groups', 'messaging_groups', 'messaging_group_agents'].map((table) =>
    db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get(),
  );

describe('register', () => {
  it('wires the chat, says so, and makes the folder with the assistant in its CLAUDE.md', async () => {
    const at = createInstallation();
    const { exitCode, fields } = await at.run(register, [...family, '--assistant-name', 'Bea', '--is-main']);
    expect(exitCode).toBe(0);
    expect(fields).toMatchObject({
      STATUS: 'success',
      RESULT: 'created',
      PLATFORM_ID: ID,
      CHANNEL: 'discord',
      FOLDER: 'family',
      ASSISTANT: 'Bea',
      GROUP: true,
      TRIGGER: '@Bea',
      TRIGGER_REQUIRED: true,
      UNKNOWN_SENDERS: 'open',
      MAIN: true,
    });
    expect(rows(at.db())).toEqual([1, 1, 1]);
    expect(readFileSync(join(at.paths.agentFolders, 'family', 'CLAUDE.md'), 'utf8')).toContain(
      'You are Bea,',
    );
  });

  it('run again changes nothing, then what differs, and leaves CLAUDE.md to the agent', async () => {
    const at = createInstallation();
    await at.run(register, family);
    const file = join(at.paths.agentFolders, 'family', 'CLAUDE.md');
    writeFileSync(file, 'my own words');
    expect(await at.run(register, family)).toMatchObject({
      exitCode: 0,
      fields: { STATUS: 'skipped', RESULT: 'unchanged', CHANGED: 'nothing' },
    });
    const renamed = await at.run(register, [...family, '--assistant-name', 'Bea', '--trigger', 'hey bea']);
    expect(renamed.fields).toMatchObject({
      STATUS: 'success',
      RESULT: 'changed',
      ASSISTANT: 'Bea',
      TRIGGER: 'hey bea',
      CHANGED: 'agentGroup.containerConfig, wiring.triggerRules',
    });
    expect(rows(at.db())).toEqual([1, 1, 1]);
    expect(readFileSync(file, 'utf8')).toBe('my own words');
  });

  it('sets who is heard, keeps it where nothing is said of it, and takes it back', async () => {
    const at = createInstallation();
    const all = ['--no-trigger-required', '--when-ignored', 'context', '--bots', 'answer'];
    const heard = { TRIGGER_REQUIRED: false, WHEN_IGNORED: 'context', BOTS: 'answer' };
    const before = await at.run(register, family);
    expect(before.fields).toMatchObject({ TRIGGER_REQUIRED: true, WHEN_IGNORED: 'drop', BOTS: 'ignore' });
    expect((await at.run(register, [...family, ...all])).fields).toMatchObject(heard);
    expect((await at.run(register, family)).fields).toMatchObject({ RESULT: 'unchanged', ...heard });
    const none = ['--trigger-required', '--when-ignored', 'drop', '--bots', 'ignore'];
    const after = await at.run(register, [...family, ...none]);
    expect(after.fields).toMatchObject({ TRIGGER_REQUIRED: true, WHEN_IGNORED: 'drop', BOTS: 'ignore' });
  });

  it('writes through no link that an agent put where CLAUDE.md was', async () => {
    const at = createInstallation();
    await at.run(register, family);
    const file = join(at.paths.agentFolders, 'family', 'CLAUDE.md');
    const secret = join(at.home, 'elsewhere');
    rmSync(file);
    symlinkSync(secret, file);
    expect((await at.run(register, family)).exitCode).toBe(0);
    expect(existsSync(secret)).toBe(false);
  });

  it('takes the id of version 1, a direct message without a trigger, and keeps strange names as they are', async () => {
    const at = createInstallation();
    const name = 'Ämil\'s "chat" $HOME `x` 🦭 \u202Eabc';
    const made = await at.run(register, [
      '--jid',
      'dc:@me:1200000000000000002',
      '--name',
      name,
      '--folder',
      'dm',
    ]);
    expect(made.fields).toMatchObject({
      PLATFORM_ID: 'discord:@me:1200000000000000002',
      GROUP: false,
      TRIGGER: 'none',
      TRIGGER_REQUIRED: false,
      // Shown on one line, without what reorders it; kept as it is.
      NAME: name.replace('\u202E', ''),
    });
    expect(at.db().prepare('SELECT name FROM messaging_groups').pluck().all()).toContain(name);
  });

  it.each([
    [
      'a foreign id',
      ['--platform-id', 'discord:-100123', '--name', 'x', '--folder', 'x'],
      'platform-id-invalid',
    ],
    [
      'an id without its server',
      ['--platform-id', 'discord:1200000000000000002', '--name', 'x', '--folder', 'x'],
      'platform-id-incomplete',
    ],
    [
      'an unknown channel',
      ['--platform-id', 'x:1', '--channel', 'icq', '--name', 'x', '--folder', 'x'],
      'unknown-channel',
    ],
    [
      'an id that tells no channel',
      ['--platform-id', '12', '--name', 'x', '--folder', 'x'],
      'unknown-channel',
    ],
    [
      'a folder that leaves groups/',
      ['--platform-id', ID, '--name', 'x', '--folder', '../x'],
      'invalid-registration',
    ],
    [
      'the folder of all groups',
      ['--platform-id', ID, '--name', 'x', '--folder', 'Global'],
      'invalid-registration',
    ],
    ['a name of two lines', ['--platform-id', ID, '--name', 'a\nb', '--folder', 'x'], 'invalid-registration'],
    ['a session mode that does not exist', [...family, '--session-mode', 'per-user'], 'invalid-value'],
    [
      'a flag and its opposite',
      [...family, '--trigger-required', '--no-trigger-required'],
      'conflicting-flags',
    ],
    ['bots that are neither', [...family, '--bots', 'yes'], 'invalid-value'],
    ['no id', ['--name', 'x', '--folder', 'x'], 'missing-flag'],
    ['no folder', ['--platform-id', ID, '--name', 'x'], 'missing-flag'],
    ['an unknown flag', [...family, '--fodler', 'x'], 'unknown-flag'],
    ['an administrator who is no user', [...family, '--admin-user', 'Ada'], 'invalid-registration'],
  ])('refuses %s with exit 4 and writes nothing', async (_, argv, code) => {
    const at = createInstallation();
    const { exitCode, fields } = await at.run(register, argv);
    expect({ exitCode, ...fields }).toMatchObject({ exitCode: 4, STATUS: 'failed', ERROR: code });
    expect(String(fields.FIX)).not.toBe('');
    expect(rows(at.db())).toEqual([0, 0, 0]);
    expect([existsSync(at.paths.groups), existsSync(at.paths.agentFolders)]).toEqual([false, false]);
  });

  it('registers nothing where the folder cannot be made', async () => {
    const at = createInstallation();
    mkdirSync(at.paths.data);
    writeFileSync(at.paths.agentFolders, 'a file');
    const { exitCode, fields } = await at.run(register, family);
    expect({ exitCode, error: fields.ERROR }).toEqual({ exitCode: 2, error: 'enotdir' });
    expect(rows(at.db())).toEqual([0, 0, 0]);
  });

  it('keeps the newest waiting message for the host, which notices within a second', async () => {
    const at = createInstallation();
    mkdirSync(at.paths.data, { recursive: true });
    const db = at.db();
    const clock = createFakeClock();
    let noticed = 0;
    const watch = watchCentral({ db, clock, onChange: () => (noticed += 1) });
    for (const n of [1, 2]) {
      holdMessage(db, {
        channelType: 'discord',
        platformId: ID,
        platformMessageId: `m${n}`,
        event: '{}',
        createdAt: Date.now(),
      });
    }
    expect((await at.run(register, family)).fields).toMatchObject({ REPLAYED: 1 });
    expect(heldInWiredChats(db).map((held) => held.platformMessageId)).toEqual(['m2']);
    await clock.advance(1000);
    expect(noticed).toBe(1);
    watch.stop();
  });
});

describe('register asks', () => {
  it('who may speak in a group that nobody is wired to, and in nothing else', async () => {
    const at = createInstallation();
    const asked = await at.once(register, family);
    expect(asked).toMatchObject({
      exitCode: 3,
      fields: { STATUS: 'needs_input', OPTIONS: ['open', 'known', 'pair'], PLATFORM_ID: ID },
    });
    expect(asked.fields.QUESTION).toContain('--unknown-senders');
    expect(rows(at.db())).toEqual([0, 0, 0]);
    const known = await at.once(register, [...family, '--unknown-senders', 'known']);
    expect(known.fields).toMatchObject({ STATUS: 'success', UNKNOWN_SENDERS: 'known' });
    // It was answered: another agent there, or the same again, opens nothing.
    expect((await at.once(register, family)).fields).toMatchObject({ UNKNOWN_SENDERS: 'known' });
    const direct = ['--platform-id', 'discord:@me:1200000000000000002', '--name', 'Ada', '--folder', 'ada'];
    expect((await at.once(register, direct)).exitCode).toBe(0);
  });

  it('before the main chat moves, and names the one that it moves from', async () => {
    const at = createInstallation();
    const work = ['--platform-id', 'telegram:77', '--name', 'Work', '--folder', 'work', '--is-main'];
    await at.run(register, [...family, '--is-main']);
    expect(await at.once(register, work)).toMatchObject({
      exitCode: 3,
      fields: { STATUS: 'needs_input', MAIN_BEFORE: 'family', MAIN_CHAT_BEFORE: ID },
    });
    expect(getMainAgentGroup(at.db())?.folder).toBe('family');
    expect((await at.once(register, [...family, '--is-main'])).fields).toMatchObject({ STATUS: 'skipped' });
    const moved = await at.once(register, [...work, '--move-main']);
    expect(moved.fields).toMatchObject({ STATUS: 'success', MAIN: true });
    expect(getMainAgentGroup(at.db())?.folder).toBe('work');
  });

  it('nothing where the main group has no chat: nobody gets its notices', async () => {
    const at = createInstallation();
    await at.run(register, [...family, '--is-main']);
    await at.run(unregister, ['--platform-id', ID]);
    const work = ['--platform-id', 'telegram:77', '--name', 'Work', '--folder', 'work', '--is-main'];
    expect((await at.once(register, work)).fields).toMatchObject({ STATUS: 'success', MAIN: true });
  });
});

describe('a second agent in a chat', () => {
  it('is told of with the trigger of each', async () => {
    const at = createInstallation();
    expect((await at.run(register, [...family, '--assistant-name', 'Bea'])).fields).not.toHaveProperty(
      'NOTE',
    );
    const second = ['--platform-id', ID, '--name', 'Family', '--folder', 'work', '--assistant-name', 'Cleo'];
    expect((await at.run(register, second)).fields).toMatchObject({
      TRIGGER: '@Cleo',
      ALSO_HERE: [{ folder: 'family', assistant: 'Bea', trigger: '@Bea', triggerRequired: true }],
      NOTE: expect.stringContaining('called with @Cleo'),
    });
  });
});

describe('unregister', () => {
  it('takes the wiring away and keeps the files; a second time there is nothing to do', async () => {
    const at = createInstallation();
    await at.run(register, family);
    const removed = await at.run(unregister, ['--platform-id', ID]);
    expect(removed.fields).toMatchObject({ STATUS: 'success', RESULT: 'removed', FOLDER: 'family' });
    const db = at.db();
    expect(rows(db)).toEqual([1, 1, 0]);
    expect(findMessagingGroup(db, 'discord', ID)?.name).toBe('Family');
    expect(listAgentGroups(db)).toHaveLength(1);
    expect(existsSync(join(at.paths.agentFolders, 'family', 'CLAUDE.md'))).toBe(true);
    const again = await at.run(unregister, ['--platform-id', ID]);
    expect(again).toMatchObject({ exitCode: 0, fields: { STATUS: 'skipped', RESULT: 'not-registered' } });
  });

  it('asks which one where several are wired', async () => {
    const at = createInstallation();
    await at.run(register, family);
    await at.run(register, ['--platform-id', ID, '--name', 'Family', '--folder', 'work']);
    expect(await at.run(unregister, ['--platform-id', ID])).toMatchObject({
      exitCode: 4,
      fields: { ERROR: 'folder-needed' },
    });
    const one = await at.run(unregister, ['--platform-id', ID, '--folder', 'work']);
    expect(one.fields).toMatchObject({ FOLDER: 'work' });
    expect(rows(at.db())).toEqual([2, 1, 1]);
  });
});
