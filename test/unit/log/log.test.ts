import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openLogFile } from '../../../src/log/file.js';
import { createLog } from '../../../src/log/index.js';
import { createFakeClock } from '../../fakes/clock.js';

function memoryLog(secrets: string[]) {
  const lines: string[] = [];
  const log = createLog(
    { write: (line) => void lines.push(line) },
    { level: 'info', secrets: () => secrets },
  );
  return { log, lines };
}

it('masks every known secret, wherever it stands in a line', () => {
  const { log, lines } = memoryLog(['sk-ant-very-secret', 'short']);
  log.info({ session: 'ses_1', reason: 'refused sk-ant-very-secret' }, 'a short sk-ant-very-secret');
  expect(lines.join('')).not.toContain('very-secret');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    session: 'ses_1',
    reason: 'refused [redacted]',
    msg: 'a short [redacted]',
  });
});

it('masks a secret that JSON writes with escapes', () => {
  const { log, lines } = memoryLog(['with"quotes\\and\nmore']);
  log.info({ reason: 'it is with"quotes\\and\nmore' }, 'event');
  expect(JSON.parse(lines[0] ?? '').reason).toBe('it is [redacted]');
});

it('goes on, and masks what it knows, when the secrets cannot be read any more', () => {
  const lines: string[] = [];
  let secrets = () => ['sk-ant-very-secret'];
  const log = createLog(
    { write: (line) => void lines.push(line) },
    { level: 'info', secrets: () => secrets() },
  );
  log.info('event');
  secrets = () => {
    throw new Error('EACCES: permission denied');
  };
  log.info({ reason: 'refused sk-ant-very-secret' }, 'event');
  expect(lines.map((line) => JSON.parse(line).reason)).toEqual([undefined, 'refused [redacted]']);
});

it('never writes headers, tokens and the like, whatever they hold', () => {
  const { log, lines } = memoryLog([]);
  log.info({ headers: { authorization: 'Bearer x1' }, upstream: { token: 'x2', apiKey: 'x3' } }, 'event');
  expect(lines.join('')).not.toMatch(/x[123]/);
});

it('rotates by size, keeps five old files, and lets its owner only read them', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'wharfie-log-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (let run = 0; run < 9; run += 1) {
    const file = openLogFile(dir, { echo: false, size: '1K' });
    for (let line = 0; line < 40; line += 1)
      file.write(`{"run":${run},"line":${line},"text":"some event"}\n`);
    await file.close();
  }
  const files = readdirSync(dir).filter((name) => name.includes('wharfie.log'));
  expect(files).toHaveLength(6);
  for (const name of files) expect(statSync(path.join(dir, name)).mode & 0o077).toBe(0);
  expect(readFileSync(path.join(dir, 'wharfie.log'), 'utf8').length).toBeLessThan(4096);
});

it('is written again when what stood in its way is gone', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'wharfie-log-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const clock = createFakeClock();
  const target = path.join(dir, 'wharfie.log');
  mkdirSync(target);
  const file = openLogFile(dir, { echo: false, clock });
  file.write('{"n":1}\n');
  await vi.waitFor(() => expect(said).toHaveBeenCalledWith(expect.stringContaining('not a file')));
  rmdirSync(target);
  file.write('{"n":2}\n');
  await clock.advance(10_000);
  file.write('{"n":3}\n');
  await file.close();
  expect(readFileSync(target, 'utf8')).toBe('{"n":3}\n');
  expect(said).toHaveBeenCalledTimes(1);
  said.mockRestore();
});
