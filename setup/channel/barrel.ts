import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, WharfieError } from '../../src/errors.js';

/** Code: `barrel-damaged`. */
export class BarrelError extends WharfieError {}

/** One channel's line of `src/channels/index.ts`. */
export interface BarrelLine {
  type: string;
  enabled: boolean;
}

const LINE =
  /^\s*(?<comment>\/\/\s*)?export\s*\{\s*\w+(?:\s+as\s+\w+)?\s*\}\s*from\s*(['"])\.\/(?<type>[\w-]+)\.js\2\s*;?\s*$/;
/** Words about the channels, for people. */
const PROSE = /^\s*(\/\/.*|\/\*.*|\*.*)?$/;

export function barrelFile(root: string): string {
  return join(root, 'src', 'channels', 'index.ts');
}

/** The checkout's barrel as it is. Throws `barrel-damaged` where there is none. */
export function readBarrel(root: string): string {
  try {
    return readFileSync(barrelFile(root), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw damaged('it is not there');
    throw error;
  }
}

/** The channels of the checkout's barrel. Throws `barrel-damaged`. */
export function barrelStates(root: string): BarrelLine[] {
  return parseBarrel(readBarrel(root));
}

/** Which channels have a line, and whether it counts. Throws `barrel-damaged` for what is no such line or comment. */
export function parseBarrel(text: string): BarrelLine[] {
  const found: BarrelLine[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const parts = LINE.exec(line)?.groups;
    if (!parts && PROSE.test(line)) continue;
    const type = parts?.type;
    if (type === undefined) throw damaged(`line ${index + 1} is no channel's line`);
    if (found.some((one) => one.type === type)) throw damaged(`${type} stands in it twice`);
    found.push({ type, enabled: parts?.comment === undefined });
  }
  return found;
}

/**
 * The barrel with this channel's line counting, or commented out; every other byte stays. A channel that has no line
 * gets one at the end. Throws `barrel-damaged`.
 */
export function editBarrel(text: string, type: string, enabled: boolean): string {
  const present = parseBarrel(text).find((line) => line.type === type);
  if (present ? present.enabled === enabled : !enabled) return text;
  if (!present) return append(text, `export { ${exportName(type)} } from './${type}.js';`);
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      const parts = LINE.exec(line.replace(/\r?\n$/, ''))?.groups;
      if (parts?.type !== type) return line;
      return enabled ? line.replace(/^(\s*)\/\/\s*/, '$1') : line.replace(/^(\s*)/, '$1// ');
    })
    .join('');
}

function append(text: string, line: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return `${text}${text === '' || text.endsWith('\n') ? '' : newline}${line}${newline}`;
}

/** `whatsapp-cloud` is exported as `whatsappCloud`. */
function exportName(type: string): string {
  return type.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function damaged(why: string): BarrelError {
  return new BarrelError(
    'barrel-damaged',
    `src/channels/index.ts cannot be edited safely: ${why}.`,
    'git checkout src/channels/index.ts (./wharfie verify then names the channels that are to be enabled again)',
  );
}
