import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stepNames, steps } from '../../../setup/steps.js';
import { codeRoot } from '../../../src/config.js';
import { createInstallation } from './harness.js';

const ID = 'discord:1100000000000000001:1200000000000000002';

/** The program as a person or a skill runs it. */
function setup(home: string, args: string[], options: { uid?: number } = {}) {
  const env = { PATH: process.env.PATH, HOME: home, WHARFIE_HOME: home };
  return new Promise<{ code: unknown; stdout: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [join(codeRoot, 'scripts', 'built', 'run.mjs'), 'setup', ...args],
      { env, cwd: codeRoot, ...options },
      (error, stdout) => resolve({ code: error ? error.code : 0, stdout }),
    );
    child.stdin?.end();
  });
}

const OPEN = ['--unknown-senders', 'open'];

describe('setup/index.ts', () => {
  it('prints one block last and ends with its exit code', async () => {
    const { home } = createInstallation();
    const flags = ['--platform-id', ID, '--name', 'A "b" $c', '--folder', 'a', ...OPEN];
    const { code, stdout } = await setup(home, ['--step', 'register', '--', ...flags]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^=== WHARFIE SETUP: REGISTER ===\nSTATUS: success\n[\s\S]*\n=== END ===\n$/);
    const json = await setup(home, ['--step', 'register', '--json', '--', ...flags]);
    expect(JSON.parse(json.stdout)).toMatchObject({ STEP: 'register', STATUS: 'skipped', NAME: 'A "b" $c' });
  });

  it('leaves --json to a step that has a flag of that name', async () => {
    const { home } = createInstallation();
    const { stdout } = await setup(home, ['--step', 'mounts', '--', '--json', '{"allow": []}']);
    expect(stdout).toMatch(/^=== WHARFIE SETUP: MOUNTS ===\nSTATUS: skipped\n/);
  });

  it.each([
    ['an unknown step', ['--step', 'regster'], /ERROR: unknown-step[\s\S]*--step register/],
    ['no step', [], /ERROR: unknown-step/],
    ['flags before the divider', ['--step', 'register', '--name', 'x'], /ERROR: usage/],
    ['a switch with a value', ['--step', 'update', '--', '--dry-run=false'], /ERROR: unexpected-value/],
    ['two steps', ['--step', 'status', '--step', 'group', '--', '--list'], /ERROR: repeated-flag/],
    ['a second divider', ['--step', 'members', '--', '--', '--list'], /ERROR: unexpected-argument/],
    [
      'looking and changing',
      ['--step', 'group', '--', '--list', '--egress', 'web'],
      /ERROR: conflicting-flags/,
    ],
    ['an unknown flag', ['--step', 'register', '--', '--nmae', 'x'], /ERROR: unknown-flag[\s\S]*--name/],
  ])('answers %s with exit 4 and the nearest', async (_, args, expected) => {
    const { home } = createInstallation();
    const { code, stdout } = await setup(home, args);
    expect({ code, stdout }).toEqual({ code: 4, stdout: expect.stringMatching(expected) });
  });

  it('lets two steps at the same time both have their way', async () => {
    const { home, db } = createInstallation();
    const one = (n: number) => ['--platform-id', `${ID.slice(0, -1)}${n}`, '--name', 'x', '--folder', 'same'];
    const ends = await Promise.all(
      [1, 2, 3].map((n) => setup(home, ['--step', 'register', '--', ...one(n), ...OPEN])),
    );
    expect(ends.map((end) => end.code)).toEqual([0, 0, 0]);
    const count = (table: string) => db().prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get();
    expect([count('agent_groups'), count('messaging_group_agents')]).toEqual([1, 3]);
  });

  it('names a data/ that cannot be written', async () => {
    const { home, paths } = createInstallation();
    mkdirSync(paths.data);
    const nobody = process.getuid?.() === 0 ? 65534 : undefined;
    if (nobody !== undefined) chownSync(home, nobody, nobody);
    chmodSync(paths.data, 0o555);
    const flags = ['--platform-id', ID, '--name', 'x', '--folder', 'x'];
    const { code, stdout } = await setup(home, ['--step', 'register', '--', ...flags], {
      ...(nobody !== undefined && { uid: nobody }),
    });
    expect({ code, stdout }).toEqual({
      code: 2,
      stdout: expect.stringMatching(/ERROR: sqlite-cantopen[\s\S]*FIX: Make data/),
    });
  });
});

describe('every step', () => {
  it.each(stepNames)('%s says what it does and what its flags are for', async (name) => {
    const step = await steps.get(name)?.();
    expect(step?.name).toBe(name);
    expect(step?.summary).toMatch(/^[a-z]/);
    for (const flag of step?.flags ?? []) {
      expect(flag.help).not.toBe('');
      expect({ flag: flag.name, hint: flag.hint !== undefined }).toEqual({
        flag: flag.name,
        hint: flag.kind !== 'switch',
      });
    }
  });
});
