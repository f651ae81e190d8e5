import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.js';
import { groupMembers, inspectProcess } from '../../../../src/engine/process/identity.js';
import { createProcessEngine } from '../../../../src/engine/process/index.js';
import type { ContainerEngine } from '../../../../src/engine/types.js';
import { specFor, startEcho } from '../../../engine-conformance/harness.js';

const program = fileURLToPath(new URL('../../../engine-conformance/program.mjs', import.meta.url));
const host = fileURLToPath(new URL('host.ts', import.meta.url));
const plain = { spec: <T>(spec: T) => spec };
const sessionId = 'ses_recovery';

describe('processes that outlived their host', () => {
  let folder = '';
  let engine: ContainerEngine;
  let hosts: ChildProcess[] = [];
  let left: number[] = [];
  const recordFile = () => join(folder, `wharfie-test-${sessionId}.json`);
  const recordedPid = async () => Number(JSON.parse(await readFile(recordFile(), 'utf8')).pid);

  /** Leaves a process of a host that was killed; resolves with its pid. */
  async function orphan(): Promise<number> {
    const child = spawn(process.execPath, ['--import', 'tsx', host, program, folder, sessionId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    hosts.push(child);
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const pid = await recordedPid();
    left.push(pid);
    return pid;
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wharfie-recovery-'));
    hosts = [];
    left = [];
    engine = createProcessEngine({
      command: { file: process.execPath, args: [program], cwd: folder },
      stateDir: folder,
      clock: systemClock,
    });
  });
  afterEach(async () => {
    await engine.close();
    for (const child of hosts) child.kill('SIGKILL');
    for (const pid of left) {
      if ((await groupMembers(pid)).length > 0) process.kill(-pid, 'SIGKILL');
    }
    await rm(folder, { recursive: true, force: true });
  });

  it('are gone before the next one of that name begins', async () => {
    const old = await orphan();
    expect(await groupMembers(old)).toHaveLength(1);
    const CODE = `export default async () => {
      const { readFileSync } = await import('node:fs');
      try { return readFileSync('/proc/${old}/stat', 'utf8').split(') ')[1][0]; } catch { return 'gone'; }
    }`;
    const next = await engine.start(specFor(plain, 'run', { sessionId, incarnation: 2, env: { CODE } }));
    const { exitCode, logTail } = await next.exited;
    expect(exitCode).toBe(0);
    expect(['gone', 'Z']).toContain(JSON.parse(logTail.join('')));
  });

  it('are ended by adopt and ensureGone too, and their record with them', async () => {
    const first = await orphan();
    expect(await engine.adopt(`wharfie-test-${sessionId}`)).toBeNull();
    expect(await groupMembers(first)).toEqual([]);
    await expect(readFile(recordFile())).rejects.toThrow('ENOENT');

    const second = await orphan();
    await engine.ensureGone(`wharfie-test-${sessionId}`);
    expect(await groupMembers(second)).toEqual([]);
  });

  it('are not mistaken for somebody else who has their pid now', async () => {
    const stranger = await orphan();
    const record = JSON.parse(await readFile(recordFile(), 'utf8'));
    await writeFile(recordFile(), JSON.stringify({ ...record, startTime: 'another boot/1' }));
    await startEcho(engine, specFor(plain, 'echo', { sessionId }));
    expect(await groupMembers(stranger)).toHaveLength(1);
  });

  it('take what they started with them', async () => {
    const { handle } = await startEcho(engine, specFor(plain, 'leave', { sessionId }));
    const { exitCode, logTail } = await handle.stop(20_000);
    expect(exitCode).toBe(0);
    const child = Number(/child (\d+)/.exec(logTail.join('\n'))?.[1]);
    const found = await inspectProcess(child);
    expect(found === null || found.zombie).toBe(true);
  });

  it('have their record on disk for exactly as long as they run', async () => {
    const { handle } = await startEcho(engine, specFor(plain, 'echo', { sessionId }));
    expect((await inspectProcess(await recordedPid()))?.zombie).toBe(false);
    await handle.stop(20_000);
    await expect(readFile(recordFile())).rejects.toThrow('ENOENT');
  });

  it('do nothing before their record is on disk', async () => {
    const seen = join(folder, 'seen');
    const quick = createProcessEngine({
      command: { file: '/bin/cp', args: [recordFile(), seen], cwd: folder },
      stateDir: folder,
      clock: systemClock,
    });
    const { exitCode } = await (await quick.start(specFor(plain, 'echo', { sessionId }))).exited;
    expect(exitCode).toBe(0);
    expect(JSON.parse(await readFile(seen, 'utf8'))).toMatchObject({ sessionId, incarnation: 1 });
  });
});
