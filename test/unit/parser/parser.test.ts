import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { childArgs } from '../../../src/own-programs.js';
import { createParser, type ParserDeps } from '../../../src/parser/index.js';
import { checkSaid, results } from '../../../src/parser/results.js';
import { eventually } from '../../system/eventually.js';

function start(deps: Partial<ParserDeps> = {}) {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const parser = createParser({ clock: systemClock, log, rankOf: () => 0, ...deps });
  onTestFinished(() => parser.close());
  return { parser, lines };
}

/** The ids of the parser processes of this one. */
function processes(): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  });
  return stdout
    .split('\n')
    .filter((line) => line.includes('parser/child.ts'))
    .map((line) => Number.parseInt(line, 10));
}

const ICS = 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Lunch\nEND:VEVENT\nEND:VCALENDAR';
const WORDS = 'Invitation:\nWhat: Lunch';

test('nothing runs before something is to be parsed, and nothing once it is closed', async () => {
  const { parser } = start();
  expect(processes()).toEqual([]);
  expect(await parser.read('calendar', ICS, 'resend:ada')).toBe(WORDS);
  // With the one that stands by.
  await eventually(() => expect(processes()).toHaveLength(2));
  parser.close();
  await eventually(() => expect(processes()).toEqual([]));
  expect(await parser.read('calendar', ICS, 'resend:ada')).toBeNull();
});

/** A parser whose process can be made to stand still under a text, with a deadline that is then short. */
function stoppable() {
  let shift = 0;
  let deadlineMs = 10_000;
  const clock = {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + shift,
    after: (ms: number, fn: () => void) => systemClock.after(Math.min(ms, deadlineMs), fn),
  };
  const started = start({ clock });
  const read = (sender: string) => started.parser.read('calendar', ICS, sender);
  return {
    ...started,
    read,
    jump(ms: number) {
      shift += ms;
    },
    /** `sender`'s text finds every process stopped. */
    async hang(sender: string, others: () => void = () => {}) {
      expect(await read('resend:bob')).toBe(WORDS);
      await eventually(() => expect(processes()).toHaveLength(2));
      const [current = 0] = processes();
      process.kill(current, 'SIGSTOP');
      deadlineMs = 200;
      const stuck = read(sender);
      others();
      await new Promise((resolve) => setImmediate(resolve));
      deadlineMs = 10_000;
      expect(await stuck).toBeNull();
      await eventually(() => expect(processes()).not.toContain(current));
    },
  };
}

test('a text on which the process stands still costs the others nothing', async () => {
  const { read, hang, lines } = stoppable();
  let next: Promise<string | null> = Promise.resolve(null);
  await hang('resend:ada', () => {
    next = read('resend:bob');
  });
  expect(await next).toBe(WORDS);
  expect(lines.filter((line) => line.includes('ended the parser'))).toHaveLength(1);
  expect(await read('resend:ada')).toBe(WORDS);
});

test('whose texts ended it twice within an hour is not parsed any more, others are', async () => {
  const { read, hang, jump } = stoppable();
  await hang('resend:mallory');
  await hang('resend:mallory');
  expect(await read('resend:mallory')).toBeNull();
  expect(await read('resend:bob')).toBe(WORDS);
  jump(3_700_000);
  expect(await read('resend:mallory')).toBe(WORDS);
});

test('what the process says is checked: it may have been taken over', () => {
  for (const nonsense of [null, 'ready', {}, { event: 'parsed', id: 'x' }, { event: 'failed', id: 1 }])
    expect(checkSaid(nonsense)).toBeNull();
  expect(results.calendar.safeParse({ text: 'x' }).success).toBe(false);
  expect(results.mail.safeParse({ text: 'x', problem: 1, elsewhere: '' }).success).toBe(false);
  expect(results.mail.safeParse({ text: 'x'.repeat(8_000_001), problem: null, elsewhere: '' }).success).toBe(
    false,
  );
});

test('a text on which a parser never ends ends the process by its CPU time', async () => {
  const hang =
    'const { split } = String.prototype; String.prototype.split = function (...a) { while (this == "HANG"); return split.apply(this, a); };';
  const [flag = '', loader = '', program = ''] = childArgs('parser');
  const child = spawn(
    process.execPath,
    [flag, loader, '--import', `data:text/javascript,${encodeURIComponent(hang)}`, program],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], cwd: '/' },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: unknown[] = [];
  child.on('message', (message) => said.push(message));
  await once(child, 'message');
  child.send({ id: 1, job: 'calendar', input: ICS });
  await once(child, 'message');
  child.send({ id: 2, job: 'calendar', input: 'HANG' });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  expect(said).toEqual([{ event: 'ready' }, { event: 'parsed', id: 1, value: WORDS }]);
});
