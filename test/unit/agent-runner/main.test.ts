import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRunner } from './process.js';
import { createSession, type TestSession } from './session.js';

describe('the runner as a process', () => {
  let session: TestSession;
  let runners: ReturnType<typeof startRunner>[] = [];
  const start = (env: Record<string, string> = {}) => {
    const runner = startRunner(session, env);
    runners.push(runner);
    return runner;
  };
  beforeEach(() => {
    session = createSession();
  });
  afterEach(async () => {
    await Promise.all(runners.map((runner) => runner.kill()));
    runners = [];
    session.remove();
  });

  it('answers what waits, then what the bell tells it, and rings with newlines only', async () => {
    const first = session.say('hello');
    const runner = start();
    await runner.until(() => session.ack(first) === 'done');
    const second = session.say('again <b>');
    runner.ring();
    await runner.until(() => session.ack(second) === 'done');
    expect(session.texts()).toEqual([
      'Mock agent (no model answers here). You said: hello',
      'Mock agent (no model answers here). You said: again <b>',
    ]);
    expect(session.out().map((row) => [row.seq, row.in_reply_to, row.platform_id])).toEqual([
      [3, first, 'cli:local'],
      [5, second, 'cli:local'],
    ]);
    expect(runner.stdout()).toMatch(/^\n+$/);
    expect(existsSync(session.path('out/.heartbeat'))).toBe(true);
  });

  it('ends at the end of its input without committing', async () => {
    const id = session.say('!send one ;; !hang');
    const runner = start();
    await runner.until(() => session.out().length === 1);
    runner.child.stdin.end();
    expect(await runner.gone).toEqual({ code: 0, signal: null });
    expect(session.ack(id)).toBe('processing');
    expect(session.texts()).toEqual(['one']);
  });

  it.each([
    'runner:after-claim',
    'runner:mid-turn-after-send',
    'runner:before-commit',
    'runner:after-commit',
  ])('killed at %s, it says everything once', async (point) => {
    const id = session.say('!send one ;; !schedule water the plants ;; !send two ;; !reply end');
    const killed = start({ WHARFIE_CRASH_AT: `${point}@1` });
    expect(await killed.gone).toEqual({ code: null, signal: 'SIGKILL' });
    const next = start({ WHARFIE_CRASH_AT: `${point}@1`, WHARFIE_INCARNATION: '2' });
    await next.until(() => session.ack(id) === 'done');
    expect(session.texts()).toEqual(['one', 'schedule_task', 'two', 'end']);
  });

  it('refuses to start without a place that it must write', async () => {
    session.say('hello');
    const runner = start({ HOME: session.path('nowhere') });
    expect(await runner.gone).toEqual({ code: 1, signal: null });
    expect(runner.log()).toContain('not-writable');
    expect(session.out()).toEqual([]);
  });

  it('says what is wrong with its environment', async () => {
    const runner = start({ WHARFIE_INCARNATION: 'x', WHARFIE_PROVIDER: 'parrot' });
    expect(await runner.gone).toEqual({ code: 1, signal: null });
    expect(runner.log()).toMatch(/bad-environment.*WHARFIE_INCARNATION.*WHARFIE_PROVIDER/);
  });
});
