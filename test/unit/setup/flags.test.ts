import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FlagSpec, parseFlags, UsageError } from '../../../setup/lib/flags.js';

const specs: FlagSpec[] = [
  { name: 'platform-id', kind: 'value', required: true, hint: '<id>', help: 'the chat' },
  { name: 'name', kind: 'value', help: 'its name' },
  { name: 'mount', kind: 'list', help: 'folders' },
  { name: 'is-main', kind: 'switch', help: 'the main group' },
];

function failure(argv: string[]): UsageError {
  try {
    parseFlags(argv, specs);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('parseFlags accepted it');
}

describe('parseFlags', () => {
  it('keeps an id that looks like a negative number as the text it is', () => {
    const flags = parseFlags(['--platform-id', '-100123', '--is-main'], specs);
    expect(flags.need('platform-id')).toBe('-100123');
    expect(flags.on('is-main')).toBe(true);
  });

  it('keeps every value, whatever characters it holds', () => {
    fc.assert(
      fc.property(
        fc
          .string({ minLength: 1 })
          .filter((text) => text.trim() !== '' && !/^--(platform-id|name|mount|is-main)/.test(text)),
        (text) => parseFlags(['--platform-id', text], specs).need('platform-id') === text,
      ),
    );
  });

  it('never turns an id into a number', () => {
    expect(parseFlags(['--platform-id=0123456789012345678901'], specs).need('platform-id')).toBe(
      '0123456789012345678901',
    );
  });

  it('knows a switch whose name begins with no-', () => {
    const named: FlagSpec[] = [{ name: 'no-trigger-required', kind: 'switch', help: 'answers everything' }];
    expect(parseFlags(['--no-trigger-required'], named).on('no-trigger-required')).toBe(true);
    expect(parseFlags([], named).on('no-trigger-required')).toBe(false);
  });

  it('collects a list', () => {
    expect(
      parseFlags(['--platform-id', 'x', '--mount', '/a', '--mount', '/b:rw'], specs).list('mount'),
    ).toEqual(['/a', '/b:rw']);
  });

  it('refuses an unknown flag and names the nearest', () => {
    const error = failure(['--platform-id', 'x', '--nmae', 'y']);
    expect(error.code).toBe('unknown-flag');
    expect(error.fix).toContain('--name');
  });

  it('refuses a missing required flag, an empty one, one without its value and one given twice', () => {
    expect(failure([]).code).toBe('missing-flag');
    expect(failure(['--platform-id', ' ']).code).toBe('empty-flag');
    expect(failure(['--platform-id', 'x', '--name', '--is-main']).code).toBe('empty-flag');
    expect(failure(['--platform-id', 'x', '--platform-id', 'y']).code).toBe('repeated-flag');
  });

  it('does not repeat what may be a secret', () => {
    const secret = 'sk-ant-api03-given-on-the-command-line';
    expect(JSON.stringify(failure([secret]).message)).not.toContain(secret.slice(0, 12));
    expect(failure(['--platform-id', 'x', `--token=${secret}`]).message).not.toContain(secret);
  });

  it('refuses a word that belongs to no flag', () => {
    expect(failure(['--platform-id', 'x', 'Family', 'chat']).code).toBe('unexpected-argument');
  });
});
