import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryDelay } from '../../../../container/agent-runner/src/poll-loop/retry.ts';
import { startLoop, type TestLoop } from '../loop.js';
import { createSession, type TestSession } from '../session.js';

const MINUTE = 60_000;

describe('a turn that the model does not answer', () => {
  let session: TestSession;
  let run: TestLoop;
  beforeEach(async () => {
    session = createSession();
    run = await startLoop(session);
  });
  afterEach(async () => {
    await run.stop();
    session.remove();
  });

  it('is tried again, and tells the chat once after a minute', async () => {
    const id = session.say('!send before ;; !error overloaded 6 ;; !reply after');
    await run.until(() => session.ack(id) === 'processing' && session.out().length === 1);
    await run.clock.advance(50_000);
    expect(session.texts()).toEqual(['before']);
    await run.clock.advance(30 * MINUTE);
    expect(session.texts()).toEqual(['before', expect.stringContaining('overloaded at the moment'), 'after']);
    expect(session.ack(id)).toBe('done');
    const again = session.say('!error overloaded 6 ;; !reply after again');
    await run.clock.advance(25 * MINUTE);
    expect(session.ack(again)).toBe('done');
    expect(session.texts().slice(3)).toEqual(['after again']);
  });

  it('shows each try to the host as a new claim', async () => {
    const id = session.say('!error overloaded 2');
    await run.until(() => session.ack(id) === 'processing');
    const first = session.acks()[0]?.n ?? 0;
    await run.clock.advance(6_000);
    expect(session.acks()[0]?.n).toBeGreaterThan(first);
    expect(session.ack(id)).toBe('processing');
  });

  it('tells at once that the key is refused, waits for a person however long, and soon sees a new key', async () => {
    const id = session.say('!error authentication 45 ;; !reply hello');
    await run.until(() => session.texts().length === 1);
    expect(session.texts()[0]).toContain('credential');
    await run.clock.advance(10 * MINUTE);
    expect(session.ack(id)).toBe('processing');
    expect(session.texts()).toHaveLength(1);
    await run.clock.advance(2 * MINUTE);
    expect(session.texts().at(-1)).toBe('hello');
  });

  it('gives up on an outage of hours, and at once where waiting does not help', async () => {
    const outage = session.say('!error unreachable');
    await run.until(() => session.ack(outage) === 'processing');
    await run.clock.advance(120 * MINUTE);
    expect(session.ack(outage)).toBe('failed');
    const billing = session.say('!error billing');
    await run.until(() => session.ack(billing) === 'failed');
    expect(session.texts().slice(-2)).toEqual([
      expect.stringContaining('could not reach the model for a long time'),
      expect.stringContaining('billing problem'),
    ]);
    const next = session.say('hello');
    await run.until(() => session.ack(next) === 'done');
  });

  it('tries three times what it does not know, in all of a turn', async () => {
    const id = session.say('!error crashed 2 ;; !reply third time');
    await run.until(() => session.ack(id) === 'processing');
    await run.clock.advance(MINUTE);
    expect(session.texts()).toEqual(['third time']);
    const bad = session.say('!error crashed');
    await run.until(() => session.ack(bad) === 'processing');
    await run.clock.advance(MINUTE);
    expect(session.ack(bad)).toBe('failed');
    expect(session.texts().at(-1)).toContain('several times');
  });

  it('begins a new conversation where the old one cannot be resumed', async () => {
    session.say('hello');
    await run.until(() => session.ack('in_1') === 'done');
    const id = session.say('!error transcript 1 ;; !prompt');
    await run.until(() => session.ack(id) === 'processing');
    await run.clock.advance(MINUTE);
    expect(session.ack(id)).toBe('done');
    expect(session.texts().at(-1)).toContain('memory of the earlier conversation');
  });

  it('ends at /stop also while it waits for the next try', async () => {
    const id = session.say('!error overloaded');
    await run.until(() => session.ack(id) === 'processing');
    session.setStatus(id, 'cancelled');
    await run.until(() => session.ack(id) === 'failed');
    const next = session.say('hello');
    await run.until(() => session.ack(next) === 'done');
    expect(session.out()).toHaveLength(1);
  });
});

describe('retryDelay', () => {
  it('doubles from 5 s to 5 min', () => {
    const delays = [0, 1, 2, 6, 7, 50].map((attempts) =>
      retryDelay('overloaded', { attempts, failures: attempts, sinceMs: 0 }),
    );
    expect(delays).toEqual([5_000, 10_000, 20_000, 300_000, 300_000, 300_000]);
  });
});
