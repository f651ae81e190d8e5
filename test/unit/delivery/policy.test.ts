import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelErrorClass } from '../../../src/channels/adapter.js';
import type { OpenDelivery } from '../../../src/db/inbound/ledger.js';
import { failure } from '../../../src/delivery/outcome.js';
import {
  afterChannelDown,
  afterFailure,
  type Facts,
  givenUp,
  resolveDoubt,
} from '../../../src/delivery/policy.js';

const NOW = 1_000_000_000;
const DAY = 24 * 3_600_000;
const entry: OpenDelivery = {
  ...{ key: 'out:1', part: 0, seq: 1, to: { channelType: 'c', platformId: 'p', threadId: '' } },
  ...{ state: 'failed', attempts: 0, nextAttemptAt: NOW, doubtSince: null, errorClass: null },
  ...{ lastError: null, createdAt: NOW },
};
const facts: Facts = {
  ...{ now: NOW, channelDown: false, channelProven: true, mayGiveUp: true, waitsForEver: false },
};
const half = () => 0.5;

const anyEntry = fc.record({
  key: fc.constant('out:1'),
  part: fc.nat(3),
  seq: fc.constant(1),
  to: fc.constant(entry.to),
  state: fc.constantFrom('sending' as const, 'failed' as const, 'unknown' as const),
  attempts: fc.nat(10),
  nextAttemptAt: fc.constant(NOW),
  doubtSince: fc.option(fc.integer({ min: NOW - DAY, max: NOW }), { nil: null }),
  errorClass: fc.constantFrom(null, 'transient', 'channel-down', 'unknown', 'rate-limited', 'history'),
  lastError: fc.constant(null),
  createdAt: fc.integer({ min: NOW - 2 * DAY, max: NOW }),
});
const anyFacts = fc.record({
  now: fc.constant(NOW),
  channelDown: fc.boolean(),
  channelProven: fc.boolean(),
  mayGiveUp: fc.boolean(),
  waitsForEver: fc.boolean(),
});
const anyClass = fc.constantFrom<ChannelErrorClass>('transient', 'rate-limited', 'permanent', 'unknown');

describe('afterFailure', () => {
  it('never forgets a doubt, never calls dead what may have arrived, and either settles or waits', () => {
    fc.assert(
      fc.property(
        anyEntry,
        anyFacts,
        anyClass,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (known, around, cls, r) => {
          const verdict = afterFailure(known, failure(cls, 'x'), around, () => r);
          const changes = verdict.kind === 'probe' ? [verdict.dead, verdict.alive] : [verdict.change];
          for (const change of changes) {
            expect(change.doubtSince).toBe(known.doubtSince);
            if (change.state === 'dead') expect(known.doubtSince).toBeNull();
            expect(change.state === 'dead').toBe(change.nextAttemptAt === null && known.doubtSince === null);
            if (change.nextAttemptAt !== null) expect(change.nextAttemptAt).toBeGreaterThan(NOW);
            expect(['failed', 'unknown', 'dead']).toContain(change.state);
          }
        },
      ),
    );
  });

  it('spends six tries in at most ten minutes on a message that fails alone', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (r) => {
        let at = entry;
        let waited = 0;
        for (let tries = 1; ; tries += 1) {
          const verdict = afterFailure(at, failure('transient', 'x'), facts, () => r);
          if (verdict.kind === 'probe') throw new Error('the channel is proven');
          const { change } = verdict;
          if (change.nextAttemptAt === null) {
            expect([tries, change.state]).toEqual([6, 'dead']);
            break;
          }
          waited += change.nextAttemptAt - NOW;
          at = { ...at, ...change, state: 'failed', nextAttemptAt: NOW };
        }
        expect(waited).toBeLessThanOrEqual(600_000);
      }),
    );
  });

  it('charges no try for a rate limit and never comes earlier than told', () => {
    const limited = { ...failure('rate-limited', 'x'), retryAfterMs: 7000 };
    const verdict = afterFailure({ ...entry, attempts: 3, errorClass: 'transient' }, limited, facts, half);
    expect(verdict).toMatchObject({ change: { attempts: 3, errorClass: 'transient', state: 'failed' } });
    expect(verdict.kind === 'change' && verdict.change.nextAttemptAt).toBeGreaterThanOrEqual(NOW + 7000);
  });

  it('counts anew when a message begins to fail in another way', () => {
    const verdict = afterFailure(
      { ...entry, attempts: 9, errorClass: 'channel-down' },
      failure('transient', 'x'),
      facts,
      half,
    );
    expect(verdict).toMatchObject({ change: { attempts: 1, errorClass: 'transient', state: 'failed' } });
  });

  it('asks for a proof before a message dies of a channel that nothing speaks for', () => {
    const tired = { ...entry, attempts: 5, errorClass: 'transient' };
    const unproven = { ...facts, channelProven: false };
    expect(afterFailure(tired, failure('transient', 'x'), unproven, half).kind).toBe('probe');
    expect(afterFailure(tired, failure('permanent', 'x'), unproven, half).kind).toBe('change');
  });
});

describe('afterChannelDown', () => {
  const old = { ...entry, createdAt: NOW - DAY };

  it('gives up after a day, unless the host has just started or the channel waits for ever', () => {
    expect(afterChannelDown(old, facts, 'x', half).state).toBe('dead');
    expect(afterChannelDown(old, { ...facts, mayGiveUp: false }, 'x', half).state).toBe('failed');
    expect(afterChannelDown(old, { ...facts, waitsForEver: true }, 'x', half).state).toBe('failed');
    expect(afterChannelDown({ ...old, doubtSince: NOW }, facts, 'x', half).state).toBe('unknown');
  });

  it('waits at most five minutes and a tenth', () => {
    const late = { ...entry, attempts: 500, errorClass: 'channel-down' };
    expect(afterChannelDown(late, facts, 'x', () => 0.999).nextAttemptAt).toBeLessThanOrEqual(NOW + 330_000);
  });
});

describe('givenUp', () => {
  it('is unknown where something may have arrived', () => {
    expect(givenUp(entry, 'c', 'x').state).toBe('dead');
    expect(givenUp({ ...entry, doubtSince: 1 }, 'c', 'x').state).toBe('unknown');
  });
});

describe('resolveDoubt', () => {
  const none = { idempotency: false, history: false };
  const adapter = (able: Partial<typeof none>) => ({
    capabilities: {
      ...{ threads: true, edits: true, reactions: true, typing: true, files: true, buttons: true },
      ...{ coldDirectMessages: true, textLimit: { max: 1, unit: 'utf16' as const }, waitsForEver: false },
      ...none,
      ...able,
    },
    findSent: async () => null,
  });
  const cases: [string, number | null, 'text' | 'edit' | 'reaction', Partial<typeof none>, string][] = [
    ['nothing was tried', null, 'text', {}, 'send'],
    ['the key is remembered', 1000, 'text', { idempotency: true }, 'send'],
    ['the key is forgotten', 120_000, 'text', { idempotency: true }, 'stay-unknown'],
    ['the clock was set back', -1000, 'text', { idempotency: true }, 'stay-unknown'],
    ['the history is too fresh', 9000, 'text', { history: true }, 'wait'],
    ['the history knows', 10_000, 'text', { history: true }, 'ask-history'],
    ['the clock was set back, with history', -1000, 'text', { history: true }, 'ask-history'],
    ['an edit', 999_000, 'edit', {}, 'send'],
    ['a reaction', 999_000, 'reaction', {}, 'send'],
    ['neither key nor history', 1, 'text', {}, 'stay-unknown'],
  ];
  it.each(cases)('%s', (_name, age, part, able, step) => {
    const doubtSince = age === null ? null : NOW - age;
    expect(resolveDoubt({ ...entry, doubtSince }, part, adapter(able), NOW)).toBe(step);
  });
});
