import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createGate } from '../../../src/container-runner/gate.js';
import { problemOf } from '../../../src/container-runner/problem.js';
import { isFault } from '../../../src/container-runner/reasons.js';
import { limitsOf } from '../../../src/container-runner/spec.js';
import { containerConfigSchema } from '../../../src/db/types.js';
import { EngineError } from '../../../src/engine/types.js';
import { createFakeClock } from '../../fakes/clock.js';
import { settle } from './world.js';

describe('gate', () => {
  it('asks once for all that come together, and from one timer while it is shut', async () => {
    const clock = createFakeClock();
    let asked = 0;
    let opened = 0;
    let error: Error | null = new Error('no engine');
    const gate = createGate({
      clock,
      log: pino({ level: 'silent' }),
      random: () => 1,
      check: async () => {
        asked += 1;
        if (error) throw error;
      },
      onOpen: () => {
        opened += 1;
      },
    });
    const results = await Promise.allSettled([gate.pass(), gate.pass(), gate.pass()]);
    expect(results.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    expect(asked).toBe(1);
    await clock.advance(60_000);
    // 1, 2, 4, 8 and then every 15 s.
    expect(asked).toBe(8);
    await expect(gate.pass()).rejects.toThrow('no engine');
    expect(asked).toBe(8);
    error = null;
    await clock.advance(15_000);
    expect(opened).toBe(1);
    await gate.pass();
    expect(clock.pending()).toBe(0);
  });

  it('asks no more once it is closed', async () => {
    const clock = createFakeClock();
    const check = () => Promise.reject(new Error('no engine'));
    const gate = createGate({
      clock,
      log: pino({ level: 'silent' }),
      random: () => 1,
      check,
      onOpen: () => {},
    });
    await gate.pass().catch(() => {});
    gate.close();
    await settle();
    expect(clock.pending()).toBe(0);
  });

  it('lets nobody wait for a check that hangs once it is closed', async () => {
    const gate = createGate({
      clock: createFakeClock(),
      log: pino({ level: 'silent' }),
      random: () => 1,
      check: () => new Promise(() => {}),
      onOpen: () => {},
    });
    const passes = [gate.pass(), gate.pass()].map((pass) => expect(pass).rejects.toThrow('the host stops'));
    gate.close();
    await Promise.all(passes);
  });
});

describe('spec', () => {
  it('takes limits from the agent group and the rest from the defaults', () => {
    const config = containerConfigSchema.parse({ memoryBytes: 4 * 1024 ** 3, pids: 100 });
    expect(limitsOf(config)).toMatchObject({ memoryBytes: 4 * 1024 ** 3, pids: 100, cpus: 2 });
    expect(limitsOf(containerConfigSchema.parse({})).memoryBytes).toBe(2 * 1024 ** 3);
  });
});

describe('reasons and problems', () => {
  it('charges what the container did and nothing that we wanted', () => {
    for (const reason of [null, 'stuck', 'turn-too-long', 'lock-held', 'bad-output'])
      expect(isFault(reason)).toBe(true);
    for (const reason of ['idle', 'evicted', 'stop', 'host-restart']) expect(isFault(reason)).toBe(false);
  });

  it('keeps code and fix of our own errors and gives others one', () => {
    expect(problemOf(new EngineError('image-stale', 'Old image.', 'Build it.'))).toEqual({
      code: 'image-stale',
      message: 'Old image.',
      fix: 'Build it.',
    });
    expect(problemOf(new Error('EACCES'))).toMatchObject({ code: 'start-failed' });
  });
});
