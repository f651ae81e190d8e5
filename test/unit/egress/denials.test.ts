import { describe, expect, it } from 'vitest';
import { createDenialRecorder, type EgressDenial } from '../../../src/egress/denials.js';
import { createLog } from '../../../src/log/index.js';
import { createFakeClock } from '../../fakes/clock.js';

function setUp(audit?: () => void) {
  const rows: EgressDenial[] = [];
  const clock = createFakeClock();
  const log = createLog({ write: () => {} }, { level: 'debug' });
  const recorder = createDenialRecorder({ audit: audit ?? ((row) => void rows.push(row)), clock, log });
  const refuse = (subject: string, session = 's') =>
    recorder.record({ session, agent: 'ag', reason: 'r', subject });
  return { rows, clock, refuse };
}

describe('refusals in audit', () => {
  it('are one row for the same thing, which tells next time how often it was tried', async () => {
    const { rows, clock, refuse } = setUp();
    for (let i = 0; i < 50; i += 1) refuse('CONNECT a:443');
    refuse('CONNECT b:443');
    refuse('CONNECT a:443', 'other');
    expect(rows.map((row) => [row.detail.session, row.subject])).toEqual([
      ['s', 'CONNECT a:443'],
      ['s', 'CONNECT b:443'],
      ['other', 'CONNECT a:443'],
    ]);
    await clock.advance(600_000);
    refuse('CONNECT a:443');
    expect(rows.at(-1)?.detail.repeated).toBe(49);
  });

  it('are at most 100 rows of a session in ten minutes, however many names it thinks of', async () => {
    const { rows, clock, refuse } = setUp();
    for (let i = 0; i < 500; i += 1) refuse(`CONNECT ${i}:443`);
    expect(rows).toHaveLength(100);
    await clock.advance(600_000);
    refuse('CONNECT again:443');
    expect(rows).toHaveLength(101);
  });

  it('are short and printable, and a full database stops nothing', () => {
    const { rows, refuse } = setUp();
    refuse(`CONNECT \u001b[2J\n${'x'.repeat(1000)}`);
    expect(rows[0]?.subject).toMatch(/^CONNECT \?\[2J\?x+$/);
    expect(rows[0]?.subject).toHaveLength(300);
    const broken = setUp(() => {
      throw new Error('database is full');
    });
    expect(() => broken.refuse('CONNECT a:443')).not.toThrow();
  });
});
