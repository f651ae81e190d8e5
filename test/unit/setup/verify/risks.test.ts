import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { group } from '../../../../setup/group.js';
import { register } from '../../../../setup/register.js';
import { tasks } from '../../../../setup/tasks.js';
import { gatherRisks } from '../../../../setup/verify/gather-risks.js';
import { judgeRisks } from '../../../../setup/verify/risks.js';
import { systemClock } from '../../../../src/clock.js';
import { loadConfig } from '../../../../src/config.js';
import { getAgentGroupByFolder, updateAgentGroup } from '../../../../src/db/central/agent-groups.js';
import { findMessagingGroup } from '../../../../src/db/central/messaging-groups.js';
import { insertMessage } from '../../../../src/db/inbound/messages-in.js';
import { createSessionManager } from '../../../../src/session-manager.js';
import { silentLog } from '../../../fakes/log.js';
import { createInstallation } from '../harness.js';

const guild = (n: number) => `discord:1100000000000000001:120000000000000000${n}`;
const direct = 'discord:@me:1300000000000000001';

function createPlace() {
  const at = createInstallation();
  const config = loadConfig({ TZ: 'UTC' }, { WHARFIE_HOME: at.home });
  const findings = async () =>
    judgeRisks(await gatherRisks(at.db(), config, Date.parse('2026-01-15T12:00Z')));
  const ids = async () => (await findings()).map(({ id }) => id);
  const wire = (platformId: string, folder: string, ...more: string[]) =>
    at.run(register, ['--platform-id', platformId, '--name', 'Chat', '--folder', folder, ...more]);
  /** Runs what a finding tells to run, as far as the first bracket. */
  const obey = async (fix: string) => {
    const [, step = '', flags = ''] = /\.\/wharfie (\w+) ([^(]*)/.exec(fix) ?? [];
    const argv = [...flags.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? '');
    const outcome = await at.run({ group, register, tasks }[step] ?? group, argv);
    expect(outcome.exitCode).toBe(0);
  };
  return { ...at, config, findings, ids, wire, obey };
}

describe('risky wiring', () => {
  it('is none where strangers have an agent of their own', async () => {
    const at = createPlace();
    await at.wire(guild(1), 'public');
    await at.wire(direct, 'main', '--is-main');
    await at.wire(guild(2), 'main', '--unknown-senders', 'known');
    expect(await at.ids()).toEqual([]);
  });

  it('names an open chat on a folder that a private one uses, and the command ends it', async () => {
    const at = createPlace();
    await at.wire(direct, 'home');
    await at.wire(guild(1), 'home', '--unknown-senders', 'open', '--no-trigger-required');
    const [finding] = await at.findings();
    expect(finding).toMatchObject({ id: 'open-chat-on-private-folder', severity: 'warning' });
    expect(finding?.message).toContain(direct);
    await at.obey(finding?.fix ?? '');
    expect(await at.ids()).toEqual([]);
    expect(findMessagingGroup(at.db(), 'discord', guild(1))).toMatchObject({ unknownSenderPolicy: 'known' });
  });

  it('names it beside the main chat too, were that a group', async () => {
    const at = createPlace();
    await at.wire(guild(1), 'main', '--is-main', '--unknown-senders', 'open');
    expect(await at.ids()).toEqual([]);
    await at.wire(guild(2), 'main', '--unknown-senders', 'open');
    expect(await at.ids()).toEqual(['open-chat-on-private-folder', 'open-chat-on-private-folder']);
  });

  it('names the web for the agent of the main chat, and the command ends it', async () => {
    const at = createPlace();
    await at.wire(direct, 'main', '--is-main');
    await at.wire(guild(1), 'public');
    for (const folder of ['main', 'public']) await at.run(group, ['--folder', folder, '--egress', 'web']);
    const [finding, ...others] = await at.findings();
    expect(finding?.id).toBe('web-on-private-group');
    expect(others).toEqual([]);
    await at.obey(finding?.fix ?? '');
    expect(await at.ids()).toEqual([]);
  });
});

describe('mounts inside what an agent may write', () => {
  function withMounts(of: Record<string, { path: string; readOnly: boolean }[]>) {
    const at = createPlace();
    const work = mkdtempSync(join(tmpdir(), 'wharfie-work-'));
    onTestFinished(() => rmSync(work, { recursive: true, force: true }));
    for (const folder of ['rw/notes', 'other']) mkdirSync(join(work, folder), { recursive: true });
    symlinkSync(join(work, 'other'), join(work, 'rw', 'turned'));
    const set = async () => {
      for (const [n, [folder, mounts]] of Object.entries(of).entries()) {
        await at.wire(guild(n), folder);
        const found = getAgentGroupByFolder(at.db(), folder);
        if (!found) throw new Error('not registered');
        const absolute = mounts.map((mount) => ({ ...mount, path: join(work, mount.path) }));
        updateAgentGroup(at.db(), {
          ...found,
          containerConfig: { ...found.containerConfig, mounts: absolute },
        });
      }
    };
    return { ...at, work, set };
  }

  it.each(['rw/notes', 'rw/turned'])('are named: %s', async (path) => {
    const at = withMounts({ a: [{ path: 'rw', readOnly: false }], b: [{ path, readOnly: true }] });
    await at.set();
    const [finding, ...others] = await at.findings();
    expect(finding).toMatchObject({ id: 'mount-inside-writable', severity: 'warning' });
    expect(others).toEqual([]);
    expect(finding?.fix).toMatch(/--folder "b" --mount none$/);
    await at.obey(finding?.fix ?? '');
    expect(await at.ids()).toEqual([]);
  });

  it('are none where the outer one is read-only, or both are the same folder', async () => {
    const at = withMounts({
      a: [
        { path: 'rw', readOnly: true },
        { path: 'other', readOnly: false },
      ],
      b: [
        { path: 'rw/notes', readOnly: true },
        { path: 'other', readOnly: true },
      ],
    });
    await at.set();
    expect(await at.ids()).toEqual([]);
  });
});

describe('what agents made that a person’s programs would obey', () => {
  it('is named, never entered, and taken away by the command only where its name is plain', async () => {
    const at = createPlace();
    await at.wire(guild(1), 'fam');
    const folder = join(at.paths.agentFolders, 'fam');
    mkdirSync(join(folder, '.GIT', 'hooks'), { recursive: true });
    mkdirSync(join(folder, 'project', 'sub', '.claude'), { recursive: true });
    mkdirSync(join(folder, 'a";curl evil;"', '.git'), { recursive: true });
    writeFileSync(join(folder, '.mcp.json'), '{}');
    for (const name of ['objects', 'refs']) mkdirSync(join(folder, 'bare', name), { recursive: true });
    writeFileSync(join(folder, 'bare', 'HEAD'), '');
    // What lies behind a link is not looked at: it is not the agent's.
    symlinkSync('/', join(folder, 'root'));
    const found = await at.findings();
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(['group-holds-git']));
    const fixes = found.map(({ fix }) => fix).sort();
    expect(fixes).toEqual([
      expect.stringMatching(/^Remove it by hand/),
      ...['.GIT', '.mcp.json', 'bare/HEAD', 'project/sub/.claude'].map(
        (name) => `rm -rf -- "${join(folder, name)}"`,
      ),
    ]);
    expect(JSON.stringify(found)).not.toContain('hooks');
  });
});

describe('tasks of before that could not be made now', () => {
  it('are named, and the commands end it', async () => {
    const at = createPlace();
    await at.wire(guild(1), 'fam');
    const db = at.db();
    const agentGroup = getAgentGroupByFolder(db, 'fam');
    const messagingGroup = findMessagingGroup(db, 'discord', guild(1));
    if (!agentGroup || !messagingGroup) throw new Error('not registered');
    const sessions = createSessionManager({
      ...{ db, paths: at.paths, clock: systemClock, log: silentLog, onStuck() {} },
    });
    const session = sessions.resolve({ agentGroup, messagingGroup, threadId: '', mode: 'shared' });
    await sessions.write(session.id, (inbound) => {
      for (let n = 1; n <= 22; n += 1) {
        insertMessage(inbound, {
          ...{ kind: 'task', trigger: 1, createdAt: 1, processAfter: Date.now() + 1e9, seriesId: `ser_${n}` },
          address: { channelType: 'discord', platformId: guild(1), threadId: '' },
          recurrence: n <= 2 ? '*/2 * * * *' : '0 9 * * *',
          content: { prompt: 'p', chat: '' },
        });
      }
    });
    await sessions.close();
    const [many, often] = await at.findings();
    expect([many?.id, often?.id]).toEqual(['tasks-too-many', 'tasks-too-often']);
    expect(often?.message).toContain('2 tasks of fam');
    await at.obey(often?.fix ?? '');
    // 20 are left, as many as may be.
    expect(await at.ids()).toEqual([]);
    await at.run(group, ['--folder', 'fam', '--max-tasks', '3']);
    expect(await at.ids()).toEqual(['tasks-too-many']);
    await at.obey((await at.findings())[0]?.fix ?? '');
    expect(await at.ids()).toEqual([]);
    const { fields } = await at.run(tasks, ['--list', '--folder', 'fam']);
    expect(fields).toMatchObject({ COUNT: 22, PAUSED: 22, ACTIVE: 0 });
  });
});

describe('group', () => {
  it('takes both limits, shows them, and takes them back', async () => {
    const at = createPlace();
    await at.wire(guild(1), 'fam');
    const set = (...argv: string[]) => at.run(group, ['--folder', 'fam', ...argv]);
    expect((await set()).fields).toMatchObject({ MAX_TASKS: 20, MIN_TASK_INTERVAL: '5m' });
    const changed = await set('--max-tasks', '50', '--min-task-interval', '90s');
    expect(changed.fields).toMatchObject({ MAX_TASKS: 50, MIN_TASK_INTERVAL: '90s' });
    expect(changed.fields.CHANGED).toBe('containerConfig.maxTasks, containerConfig.minTaskIntervalMs');
    for (const value of ['30s', '2h', '5', 'm', '-1m', '0m']) {
      expect(await set('--min-task-interval', value)).toMatchObject({
        exitCode: 4,
        fields: { ERROR: 'invalid-value' },
      });
    }
    for (const value of ['-1', '1001', 'many']) {
      expect(await set('--max-tasks', value)).toMatchObject({
        exitCode: 4,
        fields: { ERROR: 'invalid-value' },
      });
    }
    const back = await set('--max-tasks', 'default', '--min-task-interval', 'default');
    expect(back.fields).toMatchObject({ MAX_TASKS: 20, MIN_TASK_INTERVAL: '5m' });
  });
});
