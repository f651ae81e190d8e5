import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BarrelError, barrelStates, editBarrel, parseBarrel } from '../../../../setup/channel/barrel.js';
import { channels } from '../../../../src/channels/catalog/index.js';
import { codeRoot } from '../../../../src/config.js';

const line = fc.constantFrom(
  '// One line a channel.',
  '',
  '/* more',
  ' * words */',
  "export { discord } from './discord.js';",
  "// export { slack } from './slack.js';",
  '//export {telegram} from "./telegram.js"',
  "export { whatsappCloud } from './whatsapp-cloud.js';",
);
const barrel = fc
  .tuple(fc.uniqueArray(line), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, eol, closed]) => lines.join(eol) + (closed ? eol : ''));

describe('editBarrel', () => {
  it('changes one line and no other byte, and what it did can be undone', () => {
    fc.assert(
      fc.property(
        barrel,
        fc.constantFrom('discord', 'slack', 'telegram', 'whatsapp-cloud', 'new-one'),
        fc.boolean(),
        (text, type, enabled) => {
          const after = editBarrel(text, type, enabled);
          const others = (states: ReturnType<typeof parseBarrel>) =>
            states.filter((one) => one.type !== type);
          expect(others(parseBarrel(after))).toEqual(others(parseBarrel(text)));
          expect(parseBarrel(after).find((one) => one.type === type)?.enabled ?? false).toBe(enabled);
          expect(editBarrel(after, type, enabled)).toBe(after);
          const before = parseBarrel(text).find((one) => one.type === type);
          const lines = (one: string) => one.split('\n').filter((part) => part.trim() !== '').length;
          expect(lines(after) - lines(text)).toBe(before === undefined && enabled ? 1 : 0);
        },
      ),
    );
  });

  it('keeps CRLF, quotes and spacing of the line that it uncomments', () => {
    expect(editBarrel('// a\r\n//  export {slack} from "./slack.js"\r\n', 'slack', true)).toBe(
      '// a\r\nexport {slack} from "./slack.js"\r\n',
    );
  });

  it.each([
    ['code that is no channel', "import './discord.js';\n"],
    ['a conflict of git', '<<<<<<< HEAD\n'],
    ['half a line', 'export { discord } from\n'],
    ['a channel twice', "export { a } from './a.js';\n// export { a } from './a.js';\n"],
  ])('refuses a barrel with %s', (_, text) => {
    expect(() => editBarrel(text, 'slack', true)).toThrow(BarrelError);
  });
});

describe('the barrel as shipped', () => {
  it('has a line for each channel of the catalog that has a package, Discord enabled', () => {
    const states = barrelStates(codeRoot);
    const wanted = Object.values(channels).filter((facts) => facts.transport !== 'local');
    expect(states.map((one) => one.type).sort()).toEqual(wanted.map((facts) => facts.type).sort());
    expect(states.filter((one) => one.enabled).map((one) => one.type)).toContain('discord');
  });
});

it('is called damaged where it is not there', () => {
  const missing = expect.objectContaining({
    code: 'barrel-damaged',
    fix: expect.stringContaining('git checkout'),
  });
  expect(() => barrelStates('/nonexistent')).toThrow(missing);
});
