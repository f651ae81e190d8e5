import { describe, expect, it } from 'vitest';
import { members } from '../../../setup/members.js';
import { register } from '../../../setup/register.js';
import { listAudit } from '../../../src/db/central/audit.js';
import { createInstallation } from './harness.js';

const ADA = 'discord:1300000000000000001';
const chat = [
  '--platform-id',
  'discord:1100000000000000001:1200000000000000002',
  '--name',
  'F',
  '--folder',
  'fam',
];

describe('members', () => {
  it('gives a role, says the same the second time, changes it, and lists it', async () => {
    const at = createInstallation();
    await at.run(register, chat);
    const add = ['--add', ADA, '--role', 'member', '--folder', 'fam'];
    expect((await at.run(members, add)).fields).toMatchObject({ STATUS: 'success', ROLES: 'member in fam' });
    expect((await at.run(members, add)).fields).toMatchObject({ STATUS: 'skipped' });
    const owner = await at.run(members, ['--add', ADA, '--role', 'owner']);
    expect(owner.fields).toMatchObject({ ROLES: 'member in fam, owner in all', HAS_OWNER: true });
    expect((await at.run(members, ['--list'])).fields).toMatchObject({
      COUNT: 2,
      MEMBERS: [
        { user: ADA, role: 'member', folder: 'fam' },
        { user: ADA, role: 'owner', folder: 'all' },
      ],
    });
    expect(listAudit(at.db(), 2).map((entry) => `${entry.action} ${entry.subject}`)).toEqual([
      `role.changed ${ADA}`,
      `role.changed ${ADA}`,
    ]);
  });

  it('takes one role away, or all of them, and says when the owner is gone', async () => {
    const at = createInstallation();
    await at.run(register, chat);
    await at.run(members, ['--add', ADA, '--role', 'admin', '--folder', 'fam']);
    await at.run(members, ['--add', ADA, '--role', 'owner']);
    const one = await at.run(members, ['--remove', ADA, '--folder', 'fam']);
    expect(one.fields).toMatchObject({ STATUS: 'success', ROLES: 'owner in all' });
    const all = await at.run(members, ['--remove', ADA]);
    expect(all.fields).toMatchObject({ ROLES: 'none', HAS_OWNER: false });
    expect((await at.run(members, ['--remove', ADA])).fields).toMatchObject({ STATUS: 'skipped' });
  });

  it('blocks and lets in again', async () => {
    const at = createInstallation();
    expect((await at.run(members, ['--block', ADA])).fields).toMatchObject({ ROLES: 'blocked in all' });
    expect((await at.run(members, ['--remove', ADA])).fields).toMatchObject({ ROLES: 'none' });
  });

  it.each([
    ['a person without a channel', ['--add', 'Ada', '--role', 'member'], 'unknown-user'],
    ['a person of an unknown channel', ['--block', 'icq:1'], 'unknown-user'],
    ['an unknown folder', ['--add', ADA, '--role', 'member', '--folder', 'nope'], 'unknown-folder'],
    ['an owner of one folder', ['--add', ADA, '--role', 'owner', '--folder', 'nope'], 'owner-is-for-all'],
    ['a role that does not exist', ['--add', ADA, '--role', 'king'], 'invalid-value'],
    ['no role', ['--add', ADA], 'missing-flag'],
    ['nothing to do', [], 'missing-flag'],
    ['two things at once', ['--list', '--block', ADA], 'conflicting-flags'],
  ])('refuses %s with exit 4', async (_, argv, code) => {
    const at = createInstallation();
    expect(await at.run(members, argv)).toMatchObject({ exitCode: 4, fields: { ERROR: code } });
    expect((await at.run(members, ['--list'])).fields).toMatchObject({ COUNT: 0 });
  });
});
