import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { OpenDelivery } from '../../../src/db/inbound/ledger.js';
import { loadFiles } from '../../../src/delivery/files.js';
import { createIntake } from '../../../src/delivery/intake.js';
import { SessionQueue } from '../../../src/delivery/session-queue.js';
import { readFileNoFollow } from '../../../src/files/no-follow.js';
import { createFakeClock } from '../../fakes/clock.js';

const entry = (seq: number): OpenDelivery => ({
  ...{ key: `out:${seq}`, part: 0, seq, to: { channelType: 'c', platformId: 'p', threadId: '' } },
  ...{ state: 'failed', attempts: 0, nextAttemptAt: 0, doubtSince: null, errorClass: null },
  ...{ lastError: null, createdAt: 0 },
});

test('a thousand rows at once, then ten a second, each session for itself', async () => {
  const clock = createFakeClock();
  const intake = createIntake(clock);
  const [flood, other] = [new SessionQueue('flood'), new SessionQueue('other')];
  for (let page = 0; page < 10; page += 1) {
    expect(intake.isOpen(flood)).toBe(true);
    intake.took('flood', 100);
  }
  expect(intake.isOpen(flood)).toBe(false);
  expect(intake.isOpen(other)).toBe(true);
  await clock.advance(1000);
  expect(intake.isOpen(flood)).toBe(true);
  intake.took('flood', 100);
  await clock.advance(8000);
  expect(intake.isOpen(flood)).toBe(false);
  await clock.advance(2000);
  expect(intake.isOpen(flood)).toBe(true);
});

test('with 500 unsent messages in memory nothing more is taken over', () => {
  const intake = createIntake(createFakeClock());
  const queue = new SessionQueue('s');
  for (let seq = 1; seq <= 500; seq += 1) queue.put(entry(seq));
  expect(intake.isOpen(queue)).toBe(false);
  queue.remove(entry(1));
  expect(intake.isOpen(queue)).toBe(true);
});

test('a link in the place of out/files leads nowhere', async () => {
  const base = mkdtempSync(path.join(tmpdir(), 'wharfie-out-'));
  onTestFinished(() => rmSync(base, { recursive: true }));
  mkdirSync(path.join(base, 'out'));
  mkdirSync(path.join(base, 'host'));
  writeFileSync(path.join(base, 'host', '.env'), 'KEY=secret');
  symlinkSync(path.join(base, 'host'), path.join(base, 'out', 'files'));
  const wanted = [{ path: '.env', name: 'env', mimeType: 'text/plain' }];
  const { files, leftOut } = await loadFiles(path.join(base, 'out'), wanted, readFileNoFollow);
  expect(files).toEqual([]);
  expect(leftOut[0]?.reason).toContain('goes through a link');
});
