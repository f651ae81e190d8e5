import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../setup/lib/run-command.js';
import { proveUnit } from '../../setup/service/install.js';
import { serviceFolders, serviceManager } from '../../setup/service/manager.js';
import { systemClock } from '../../src/clock.js';
import { codeRoot } from '../../src/config.js';
import { commandOf } from '../unit/setup/verify/fixes.js';
import { heal } from './heal.js';
import { rows } from './rows.js';
import { createWorld, type World } from './world.js';

const DOCUMENT = path.join(codeRoot, 'docs', 'doctor.md');
const healed: string[] = [];
let at: World;

beforeAll(async () => {
  at = await createWorld();
});
afterAll(() => at.close());

describe('an installation whose host runs', () => {
  it('has no finding while it is healthy', async () => {
    expect(await at.verify()).toEqual([]);
    await at.answers();
    expect(await at.verify()).toEqual([]);
  });

  // A user of Linux to whom nothing here belongs; it can become one only from root.
  it.runIf(process.getuid?.() === 0)('has none either where another user runs all of it', () => {
    const own = mkdtempSync(path.join(tmpdir(), 'wharfie-user-'));
    chmodSync(own, 0o777);
    const program = ['--import', 'tsx', path.join(codeRoot, 'test', 'matrix', 'healthy.ts')];
    const { status, stderr } = spawnSync(
      'setpriv',
      ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, ...program],
      {
        cwd: codeRoot,
        env: { ...process.env, HOME: own, TMPDIR: own, XDG_CACHE_HOME: path.join(own, 'c') },
        encoding: 'utf8',
      },
    );
    rmSync(own, { recursive: true, force: true });
    expect(`${status}${status === 0 ? '' : stderr}`).toBe('0');
  });

  it.each(Object.entries(rows))('%s', async (name, row) => {
    const fix = await heal(at, row);
    const how = row.act ? 'what it says, done by hand' : `\`${shown(commandOf(fix))}\``;
    healed.push(`| ${name} | \`${row.id}\` | ${how} | ${row.restarts ? 'yes' : 'no'} |`);
  });
});

describe('the unit of the service', () => {
  it.each(['systemd-system', 'systemd-user'] as const)('%s: systemd takes it', async (kind) => {
    const unit = {
      name: 'wharfie',
      root: codeRoot,
      home: at.home.home,
      node: process.execPath,
      path: '/bin',
    };
    const folders = serviceFolders({}, at.home.home);
    const manager = serviceManager(kind, unit, { folders, uid: 1000 });
    const given = { cwd: codeRoot, env: process.env, clock: systemClock, timeoutMs: 60_000 };
    const proven = await proveUnit(manager, ([file, ...args]) => runCommand(file, args, given));
    const there = spawnSync('systemd-analyze', ['--version']).status === 0;
    expect(proven).toBe(there ? 'valid' : 'not-checked');
  });
});

describe('the table', () => {
  it('is what docs/doctor.md says', () => {
    expect(healed).toHaveLength(Object.keys(rows).length);
    const wanted = documentOf(healed);
    process.stdout.write(wanted);
    if (process.env.WHARFIE_WRITE_DOCS === '1') writeFileSync(DOCUMENT, wanted);
    expect(readFileSync(DOCUMENT, 'utf8')).toBe(wanted);
  });
});

/** Without what is of this run: folders and ids of chats. */
function shown(command: string): string {
  return command.replaceAll(at.home.home, '~/wharfie').replace(/discord:\d+:\d+/g, '<platform id>');
}

function documentOf(lines: readonly string[]): string {
  return `# What the doctor has healed

Made by \`WHARFIE_WRITE_DOCS=1 npm run matrix\`; \`npm run matrix\` fails where it says something else. Each row was made in
an installation whose host runs as a service and serves a Discord. \`./wharfie verify\` named it, what its \`FIX\` says was
done, the finding was gone, a message was answered, and nothing else was found. Before the first row nothing is found,
and as another user nothing either. Chats are answered by the mock here; \`test/unit/setup/verify/rows/\` has many more
rows, without a host of their own. \`.claude/skills\` has the table of all findings.

| misconfiguration | finding | put right by | host started anew |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}
