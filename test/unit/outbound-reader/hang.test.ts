import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { makeSchemaEndless } from './crafted.js';
import { outboundFile, reader } from './setup.js';

/** Real time that a test can move on. */
function shiftedClock() {
  let shift = 0;
  return {
    clock: { ...systemClock, monotonic: () => systemClock.monotonic() + shift },
    jump(ms: number) {
      shift += ms;
    },
  };
}

test('a file that hangs SQLite is bad and left alone; the others are read on', async () => {
  const good = outboundFile();
  const hanging = outboundFile();
  makeSchemaEndless(hanging);
  const { clock, jump } = shiftedClock();
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  const hangs = () => lines.filter((line) => line.includes('hangs its reader')).length;
  const { ask, client } = reader({ clock, log, deadlineMs: 1000 });
  expect(await ask(good)).toMatchObject({ kind: 'rows' });
  const first = client.pid();
  const verdict = ask(hanging);
  expect(await ask(good)).toMatchObject({ kind: 'rows' });
  const second = client.pid();
  expect(second).not.toBe(first);
  expect(await verdict).toMatchObject({ kind: 'bad', code: 'outbound-timeout' });
  expect(hangs()).toBe(1);
  expect(await ask(hanging)).toMatchObject({ kind: 'bad', code: 'outbound-timeout' });
  expect(hangs()).toBe(1);
  // After its penalty it is tried in a process of its own: the others' process never meets it again.
  jump(11_000);
  expect(await ask(hanging)).toMatchObject({ kind: 'bad', code: 'outbound-timeout' });
  expect(hangs()).toBe(2);
  expect(await ask(good)).toMatchObject({ kind: 'rows' });
  expect(client.pid()).toBe(second);
});

test.each(['SIGKILL', 'SIGSTOP'] as const)(
  'a reader that got %s is replaced, and the file is read',
  async (signal) => {
    const file = outboundFile();
    const { ask, client } = reader({ deadlineMs: 1000 });
    await ask(file);
    const pid = client.pid() ?? 0;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, signal);
    expect(await ask(file)).toMatchObject({ kind: 'rows' });
    expect(await ask(file)).toMatchObject({ kind: 'rows' });
    expect(client.pid()).not.toBe(pid);
    await gone(pid);
  },
);

/** Resolves when no process of this id is left; the test's own limit ends the wait. */
async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setImmediate(resolve));
}

test('close ends the process and answers what is still asked', async () => {
  const hanging = outboundFile();
  makeSchemaEndless(hanging);
  const { ask, client } = reader();
  await ask(outboundFile());
  const pid = client.pid() ?? 0;
  const asked = [ask(hanging), ask(hanging)];
  await client.close();
  expect(await Promise.all(asked)).toEqual([{ kind: 'away' }, { kind: 'away' }]);
  expect(client.pid()).toBeUndefined();
  await gone(pid);
  expect(await ask(hanging)).toEqual({ kind: 'away' });
});
