import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createInstallation } from './host-process.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const settings = z
  .object({
    hooks: z.object({
      SessionStart: z.array(
        z.object({ hooks: z.array(z.object({ type: z.string(), command: z.string() })) }),
      ),
    }),
  })
  .parse(JSON.parse(readFileSync(path.join(root, '.claude', 'settings.json'), 'utf8')));

/** Runs the hook as Claude Code does: a shell, the project's folder in a variable, JSON on standard input. */
function atSessionStart(project: string, env: Record<string, string | undefined>): string {
  const [command = ''] = settings.hooks.SessionStart.flatMap(({ hooks }) =>
    hooks.map((hook) => hook.command),
  );
  const done = spawnSync('/bin/sh', ['-c', command], {
    cwd: project,
    env: { ...process.env, ...env, CLAUDE_PROJECT_DIR: project },
    input: JSON.stringify({ hook_event_name: 'SessionStart', source: 'startup' }),
    encoding: 'utf8',
  });
  expect([done.status, done.stderr]).toEqual([0, '']);
  expect(done.stdout.trim().split('\n')).toHaveLength(1);
  return done.stdout.trim();
}

test('a session begins with one line on where the installation stands', async () => {
  const home = createInstallation();
  onTestFinished(() => home.remove());
  const env = { WHARFIE_HOME: home.home };
  expect(atSessionStart(root, env)).toMatch(/no chat but the terminal.*host: stopped.*\/setup\.$/);
  const chat = ['--platform-id', 'telegram:77', '--channel', 'telegram', '--name', 'Ada', '--folder', 'ada'];
  const registered = await home.step('register', ...chat, '--unseen', '--unknown-senders', 'known');
  expect(registered.stdout).toContain('STATUS: success');
  expect(atSessionStart(root, env)).toMatch(
    /^Wharfie serves 1 chat \(host: stopped\).*No host runs.*\/wharfie-debug\.$/,
  );
  const host = await home.start();
  expect(atSessionStart(root, env)).toMatch(/^Wharfie serves 1 chat \(host: running\)/);
  await host.stop();
});

test('it says so where nothing is installed, and nothing where there is no Node.js', () => {
  const bare = mkdtempSync(path.join(tmpdir(), 'wharfie-bare-'));
  onTestFinished(() => rmSync(bare, { recursive: true }));
  cpSync(path.join(root, 'scripts', 'session-start.mjs'), path.join(bare, 'scripts', 'session-start.mjs'));
  expect(atSessionStart(bare, {})).toMatch(/not installed.*\/setup\.$/);
  expect(atSessionStart(bare, { PATH: '/nowhere' })).toBe('');
});
