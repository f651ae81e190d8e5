import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acquireHostLock } from '../../../src/db/host-lock.js';

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'wharfie-lock-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Another process that holds the lock until it is killed. */
async function holder(dir: string): Promise<ChildProcess> {
  const source = new URL('../../../src/db/host-lock.ts', import.meta.url).href;
  const program = `
    const { acquireHostLock } = await import(${JSON.stringify(source)});
    globalThis.lock = acquireHostLock(${JSON.stringify(dir)});
    console.log('held');
    setInterval(() => {}, 1e6);`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', program];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe('the host lock', () => {
  it('is had by one process, named by its pid, and free again the moment that process is killed', async () => {
    const dir = dataDir();
    const child = await holder(dir);
    expect(() => acquireHostLock(dir)).toThrow(
      expect.objectContaining({
        code: 'host-already-running',
        message: expect.stringContaining(`pid ${child.pid}`),
        fix: expect.stringContaining(`kill ${child.pid}`),
      }),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = acquireHostLock(dir, 4711);
    expect(readFileSync(join(dir, 'host.pid'), 'utf8')).toBe('4711\n');
    lock.release();
  });

  it('is refused in the same process too, and can be released and taken again', () => {
    const dir = dataDir();
    const first = acquireHostLock(dir);
    expect(() => acquireHostLock(dir)).toThrow(expect.objectContaining({ code: 'host-already-running' }));
    first.release();
    first.release();
    acquireHostLock(dir).release();
  });

  it('says so without a pid when the pid file says nothing', () => {
    const dir = dataDir();
    const lock = acquireHostLock(dir);
    writeFileSync(join(dir, 'host.pid'), 'nonsense');
    expect(() => acquireHostLock(dir)).toThrow(/already running on \S+\.$/);
    lock.release();
  });

  it('says what to do where the folder cannot be used', () => {
    const file = join(dataDir(), 'file');
    writeFileSync(file, '');
    expect(() => acquireHostLock(file)).toThrow(
      expect.objectContaining({ code: 'data-not-writable', fix: expect.stringContaining('chown') }),
    );
  });
});
