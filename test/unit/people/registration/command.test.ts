import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registerCommand, suggestFolder } from '../../../../src/people/registration/command.js';
import { createHarness } from './harness.js';

const chat = (name: string, platformId = 'telegram:-1') => ({ channelType: 'telegram', platformId, name });

describe('the register command', () => {
  it('names the chat and a folder of its own', () => {
    const { db } = createHarness();
    expect(registerCommand(db, chat('Die Müllers & Co.'))).toBe(
      './wharfie register --platform-id "telegram:-1" --name "Die Müllers & Co." ' +
        '--folder "die-mullers-co"',
    );
  });

  it('can be pasted into a shell whatever the chat calls itself', () => {
    const { db } = createHarness();
    const names = fc.string({
      unit: fc.constantFrom('"', '$', '`', '\\', '(', ')', ';', '\n', 'x', ' ', "'", '!', '\u202e'),
    });
    fc.assert(
      fc.property(names, names, (name, id) => {
        const command = registerCommand(db, chat(`a${name}`, `telegram:${id}`));
        const shell = command.replace(/^\.\/wharfie/, 'printf "%s\\0"');
        const words = execFileSync('/bin/sh', ['-c', shell], { encoding: 'utf8' }).split('\0').slice(0, -1);
        expect(words.filter((word) => word.startsWith('--'))).toEqual([
          '--platform-id',
          '--name',
          '--folder',
        ]);
        expect(words).toHaveLength(7);
        expect(words[2]).toBe(`telegram:${id.replace(/[\n\u202e]/g, '')}`);
      }),
      { numRuns: 60 },
    );
  });

  it('does not suggest a folder that another chat has, nor the shared one', () => {
    const h = createHarness();
    expect(suggestFolder(h.db, chat('Family'))).toBe('family');
    h.register();
    expect(suggestFolder(h.db, chat('Family', 'telegram:-2'))).toMatch(/^family-[0-9a-f]{6}$/);
    expect(suggestFolder(h.db, chat('Global'))).toMatch(/^global-[0-9a-f]{6}$/);
    expect(suggestFolder(h.db, chat('家族'))).toMatch(/^telegram-[0-9a-f]{6}$/);
  });
});
