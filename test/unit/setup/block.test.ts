import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, renderBlock } from '../../../setup/lib/block.js';

describe('renderBlock', () => {
  it('prints STATUS first and one line a field', () => {
    const block = renderBlock(
      'register',
      { status: 'success', fields: { PLATFORM_ID: 'telegram:123456', CREATED: true } },
      false,
    );
    expect(block).toBe(
      '=== WHARFIE SETUP: REGISTER ===\nSTATUS: success\nPLATFORM_ID: telegram:123456\nCREATED: true\n=== END ===\n',
    );
  });

  it('gives back any value, and no value can add a line or an end', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom(
            'a\n=== END ===',
            'evil\u202egnp',
            '\u2066שלום\u2069',
            ' x',
            'y ',
            '"',
            '',
            '=== END ===',
          ),
        ),
        (value) => {
          const lines = renderBlock('x', { status: 'success', fields: { VALUE: value } }, false).split('\n');
          expect(lines).toHaveLength(5);
          expect(lines[2]).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
          const shown = lines[2]?.slice('VALUE: '.length) ?? '';
          expect(shown.startsWith('"') ? JSON.parse(shown) : shown).toBe(value);
        },
      ),
    );
  });

  it('prints the same as one JSON object', () => {
    const failed = {
      status: 'failed',
      error: 'no-docker',
      message: 'Docker is not running.',
      fix: 'Start it.',
    } as const;
    expect(JSON.parse(renderBlock('container', failed, true))).toEqual({
      STEP: 'container',
      STATUS: 'failed',
      ERROR: 'no-docker',
      MESSAGE: 'Docker is not running.',
      FIX: 'Start it.',
    });
  });
});

describe('exitCodeOf', () => {
  it('tells failure, missing precondition and needed input apart', () => {
    const failed = { status: 'failed', error: 'x', message: 'y', fix: 'z' } as const;
    expect(exitCodeOf({ status: 'skipped', fields: {} })).toBe(0);
    expect(exitCodeOf(failed)).toBe(1);
    expect(exitCodeOf({ ...failed, precondition: true })).toBe(2);
    expect(exitCodeOf({ status: 'needs_input', question: 'Which?', options: ['a'] })).toBe(3);
  });
});
