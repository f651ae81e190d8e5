import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { InboundDb } from '../../../src/db/inbound/index.js';
import { applyAcks, cancelOpen, failMessages, insertMessage } from '../../../src/db/inbound/messages-in.js';
import { changeTask, openTask } from '../../../src/db/inbound/tasks.js';
import { createTasks, SKIP_AFTER_MS } from '../../../src/tasks/index.js';
import { firstSlotAfter, lastSlotUntil, type MissedPolicy } from '../../../src/tasks/slots.js';
import { cli, inboundFile } from '../db/inbound-file.js';

const MINUTE = 60_000;
const timeZone = 'Europe/Berlin';
const startHost = () => createTasks({ timeZone, log: pino({ level: 'silent' }), crashPoint: () => {} });

interface Series {
  pattern: string;
  missed: MissedPolicy;
  start: number;
}

function begin(db: InboundDb, { pattern, missed, start }: Series): void {
  insertMessage(db, {
    ...{ kind: 'task', trigger: 1, address: cli, createdAt: start, seriesId: 'ser_1', recurrence: pattern },
    processAfter: firstSlotAfter({ pattern, timeZone }, start),
    content: { prompt: 'p', chat: '', missed },
  });
}

/** What a host and a runner do with one series, a step each. */
function createPlay(db: InboundDb, series: Series) {
  begin(db, series);
  const ran: { slot: number; at: number }[] = [];
  let now = series.start;
  let tasks = startHost();
  const open = () => {
    const rows = db
      .prepare("SELECT count(*) AS n FROM messages_in WHERE status IN ('pending','paused')")
      .get();
    expect(rows).toEqual({ n: 1 });
    const task = openTask(db, 'ser_1');
    if (!task) throw new Error('the series has ended');
    return task;
  };
  const ack = (status: 'processing' | 'done' | 'failed') => {
    const { id, processAfter, content } = open();
    if (content.begunAt === undefined && (processAfter ?? 0) > now) return;
    const applied = applyAcks(db, [{ messageId: id, status, incarnation: 1 }], 1);
    tasks.begun(db, applied.processing, now);
    tasks.settled(db, [...applied.done, ...applied.failed], now);
  };
  const note = (before: ReturnType<typeof open>) => {
    const after = db.prepare<[string], { status: string; slot: number }>(
      'SELECT status, process_after AS slot FROM messages_in WHERE id = ?',
    );
    const row = after.get(before.id);
    if (row && row.status !== 'pending' && row.status !== 'cancelled') ran.push({ slot: row.slot, at: now });
  };
  const steps = {
    wait: (ms: number) => {
      now += ms;
    },
    /** The sweep comes by. */
    sweep: () => {
      if (tasks.hasMissed(db, now)) tasks.passOver(db, now);
    },
    claim: () => ack('processing'),
    /** Ends the run, seen by the host with or without its claim before. */
    done: () => ack('done'),
    failed: () => ack('failed'),
    /** Three containers ended over it. */
    giveUp: () => {
      const task = open();
      if ((task.processAfter ?? 0) <= now) tasks.settled(db, failMessages(db, [task.id]), now);
    },
    stop: () =>
      tasks.settled(
        db,
        cancelOpen(db, now, null).map((message) => message.id),
        now,
      ),
  };
  return {
    ran,
    now: () => now,
    open,
    play(step: keyof typeof steps, ms: number) {
      const before = open();
      steps[step](ms);
      note(before);
    },
    /** The host dies in the transaction of this step, and is started again: what it saw is shown to it anew. */
    dieIn(step: keyof typeof steps) {
      db.exec('BEGIN');
      steps[step](0);
      db.exec('ROLLBACK');
      tasks = startHost();
    },
  };
}

const series = fc.record<Series>({
  pattern: fc.constantFrom('*/5 * * * *', '30 2 * * *', '0 9 * * *', '15 * * * *', '0 9 * * 1-5'),
  missed: fc.constantFrom<MissedPolicy>('latest', 'skip'),
  start: fc.constantFrom(...['2026-03-27T22:10Z', '2026-10-23T22:10Z', '2026-11-22T08:00Z'].map(Date.parse)),
});
const step = fc.tuple(
  fc.constantFrom('wait', 'wait', 'wait', 'sweep', 'claim', 'done', 'failed', 'giveUp', 'stop' as const),
  fc.oneof(
    fc.integer({ min: 0, max: 10 * MINUTE }),
    fc.integer({ min: 0, max: 26 * 60 * MINUTE }),
    fc.constant(3 * 24 * 60 * MINUTE),
  ),
  fc.integer({ min: 1, max: 4 }).map((dice) => dice === 1),
);

describe('a series', () => {
  it('has one run ahead and runs each slot once, whatever becomes of its runs and of the host', () => {
    const db = inboundFile();
    fc.assert(
      fc.property(series, fc.array(step, { maxLength: 60 }), (one, script) => {
        db.exec('DELETE FROM messages_in');
        const play = createPlay(db, one);
        for (const [name, ms, dies] of script) {
          if (dies) play.dieIn(name);
          play.play(name, ms);
        }
        play.open();
        const slots = play.ran.map(({ slot }) => slot);
        expect(slots).toEqual([...new Set(slots)].sort((a, b) => a - b));
        for (const { slot, at } of play.ran) {
          expect(slot).toBeLessThanOrEqual(at);
          expect(lastSlotUntil({ pattern: one.pattern, timeZone }, slot)).toBe(slot);
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['latest', 'done'],
    ['latest', 'failed'],
    ['skip', 'done'],
  ] as const)('after three days of sleep (%s, %s)', (missed, end) => {
    const db = inboundFile();
    const start = Date.parse('2026-03-27T07:00Z');
    const play = createPlay(db, { pattern: '0 9 * * *', missed, start });
    play.play('wait', (3 * 24 + 3) * 60 * MINUTE + 12_000);
    play.play('sweep', 0);
    play.play('claim', 0);
    play.play('wait', 20 * MINUTE);
    play.play(end, 0);
    // Monday at nine in summer time; and the day after.
    const ran = missed === 'latest' ? ['2026-03-30T07:00:00.000Z'] : [];
    expect(play.ran.map(({ slot }) => new Date(slot).toISOString())).toEqual(ran);
    expect(play.open().processAfter).toBe(Date.parse('2026-03-31T07:00Z'));
  });

  it.each(['done', 'giveUp'] as const)('whose late run was not seen to begin has run for now (%s)', (end) => {
    const db = inboundFile();
    const play = createPlay(db, {
      pattern: '0 9 * * *',
      missed: 'latest',
      start: Date.parse('2026-11-20T07:00Z'),
    });
    play.play('wait', 3 * 24 * 60 * MINUTE + 2 * 60 * MINUTE);
    play.play(end, 0);
    expect(play.open().processAfter).toBe(Date.parse('2026-11-24T08:00Z'));
  });

  it('does not repeat a slot when the clock of the machine was set back', () => {
    const db = inboundFile();
    const play = createPlay(db, {
      pattern: '0 9 * * *',
      missed: 'latest',
      start: Date.parse('2026-11-22T07:00Z'),
    });
    play.play('wait', 60 * MINUTE);
    play.play('claim', 0);
    play.play('wait', -30 * MINUTE);
    play.play('done', 0);
    expect(play.open().processAfter).toBe(Date.parse('2026-11-23T08:00Z'));
    // Somebody wants it once more at once; nine o'clock comes again, and was run.
    changeTask(db, { ...play.open(), processAfter: play.now() });
    play.play('claim', 0);
    play.play('done', 0);
    expect(play.open().processAfter).toBe(Date.parse('2026-11-23T08:00Z'));
  });

  it('makes up for the newest slot that a slow run took the time of, and no other', () => {
    const db = inboundFile();
    const play = createPlay(db, {
      pattern: '*/5 * * * *',
      missed: 'latest',
      start: Date.parse('2026-11-22T08:58Z'),
    });
    play.play('wait', 2 * MINUTE);
    play.play('claim', 0);
    play.play('wait', 12 * MINUTE);
    play.play('done', 0);
    expect(play.open().processAfter).toBe(Date.parse('2026-11-22T09:10Z'));
    play.play('claim', 0);
    play.play('done', 0);
    expect(play.open().processAfter).toBe(Date.parse('2026-11-22T09:15Z'));
  });

  it('does not make a run that nobody began in time, if it is to skip', () => {
    const db = inboundFile();
    const play = createPlay(db, {
      pattern: '0 * * * *',
      missed: 'skip',
      start: Date.parse('2026-11-22T08:58Z'),
    });
    play.play('wait', 2 * MINUTE + SKIP_AFTER_MS);
    play.play('sweep', 0);
    expect(play.open().processAfter).toBe(Date.parse('2026-11-22T09:00Z'));
    play.play('wait', 1);
    // A runner that was awake before the host took it on.
    const late = play.open();
    play.play('claim', 0);
    expect(db.prepare('SELECT status FROM messages_in WHERE id = ?').get(late.id)).toEqual({
      status: 'cancelled',
    });
    expect(play.open().processAfter).toBe(Date.parse('2026-11-22T10:00Z'));
    play.play('wait', 70 * MINUTE);
    play.play('sweep', 0);
    expect(play.open().processAfter).toBe(Date.parse('2026-11-22T11:00Z'));
  });

  it('ends with a word to the agent when its pattern is not understood any more', () => {
    const db = inboundFile();
    const now = Date.parse('2026-11-22T09:00Z');
    begin(db, { pattern: '0 9 * * *', missed: 'latest', start: now });
    db.exec("UPDATE messages_in SET recurrence = 'whenever', process_after = 1");
    const id = openTask(db, 'ser_1')?.id ?? '';
    startHost().settled(db, failMessages(db, [id]), now);
    expect(openTask(db, 'ser_1')).toBeUndefined();
    const news = db.prepare("SELECT content FROM messages_in WHERE kind = 'system'").pluck().all();
    expect(news).toEqual([expect.stringContaining('The task ser_1 has ended')]);
  });
});
