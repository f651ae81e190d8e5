import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createInstallation, type Installation } from '../system/host-process.js';
import { stepHere } from '../system/steps-here.js';

let home: Installation;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterEach(() => home.remove());

const blockSchema = z
  .object({
    STATUS: z.string(),
    RESULT: z.string().optional(),
    ROUND_TRIP: z.string().optional(),
    HOST: z.string().optional(),
    FIXED: z.string().optional(),
    FINDINGS: z.array(z.object({ id: z.string(), severity: z.string(), fix: z.string().min(1) })).default([]),
  })
  .loose();

async function verify(...flags: string[]) {
  const { output, exitCode } = await stepHere(home, 'verify', ...flags);
  const block = blockSchema.parse(JSON.parse(output));
  return { ...block, exitCode, ids: block.FINDINGS.map((one) => one.id) };
}

describe('verify', () => {
  it('says that nothing is set up, and starts no host', async () => {
    const found = await verify('--offline');
    expect(found).toMatchObject({
      exitCode: 1,
      RESULT: 'not-ready',
      ROUND_TRIP: 'skipped: database-missing',
    });
    expect(found.ids).toContain('database-missing');
  });

  it('carries a word round through the running host, and never passes on the mock alone', async () => {
    const host = await home.start();
    const found = await verify('--offline');
    expect(found).toMatchObject({ exitCode: 1, HOST: 'running', ROUND_TRIP: 'passed' });
    expect(found.ids).toContain('only-mock');
    expect(found.ids).not.toContain('host-not-running');
    await host.stop();
  });

  it('starts a host for the check where none runs, and ends it', async () => {
    await home.run(['src/index.ts'], { input: 'hello\n' });
    const found = await verify('--offline');
    expect(found).toMatchObject({ HOST: 'stopped', ROUND_TRIP: 'passed' });
    expect((await home.run(['scripts/chat.ts'], { input: 'x\n' })).code).toBe(1);
  });

  it('names a wired chat that nobody reads, and a host that is missing', async () => {
    await home.run(['src/index.ts'], { input: 'hello\n' });
    const id = 'discord:1100000000000000001:1200000000000000002';
    await stepHere(home, 'register', '--platform-id', id, '--name', 'Family', '--folder', 'family');
    const found = await verify('--offline');
    expect(found.ids).toEqual(
      expect.arrayContaining(['host-not-running', 'channel-credential-missing', 'docker-not-running']),
    );
    expect(found.ids).not.toContain('only-mock');
    const errors = found.FINDINGS.filter((one) => one.severity === 'error').map((one) => one.id);
    expect(errors).toEqual(expect.arrayContaining(['channel-credential-missing', 'credential-missing']));
  });

  it('repairs what is safe, and only when it is asked to', async () => {
    const env = path.join(home.home, '.env');
    chmodSync(env, 0o644);
    expect((await verify('--offline')).ids).toContain('env-readable');
    expect(statSync(env).mode & 0o777).toBe(0o644);
    const fixed = await verify('--offline', '--fix');
    expect(fixed).toMatchObject({ FIXED: 'env-readable' });
    expect(statSync(env).mode & 0o777).toBe(0o600);
    expect((await verify('--offline')).ids).not.toContain('env-readable');
  });

  it('says what is wrong with a damaged database', async () => {
    mkdirSync(path.join(home.home, 'data'));
    writeFileSync(
      path.join(home.home, 'data', 'v2.db'),
      'this is no database, but it is longer than a header, by far it is'.repeat(9),
    );
    const found = await verify('--offline');
    expect(found.ids).toContain('database-damaged');
    expect(readFileSync(path.join(home.home, 'data', 'v2.db'), 'utf8')).toContain('this is no database');
  });
});
