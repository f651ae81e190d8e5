import { readFileSync, realpathSync } from 'node:fs';
import { parse } from 'dotenv';
import { codeOf, WharfieError } from '../../src/errors.js';
import { replaceFile } from '../../src/files/replace.js';

/** Codes: `env-value-unquotable`, `env-unparsable`. */
export class EnvEditError extends WharfieError {}

/**
 * The text of a `.env` with these values set: comments, order, line ends and everything else stay. The result is
 * proved with dotenv itself before it is returned.
 */
export function setEnvValues(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((current, [name, value]) => setOne(current, name, value), text);
}

function setOne(text: string, name: string, value: string): string {
  const line = `${name}=${quote(name, value)}`;
  const wanted = { ...parse(text), [name]: value };
  // dotenv takes the last one where a name stands twice, so appending serves wherever replacing does not.
  const found = [replaceLast(text, name, line), append(text, line)].find((edited) =>
    sameValues(parse(edited), wanted),
  );
  if (found !== undefined) return found;
  throw new EnvEditError(
    'env-unparsable',
    `.env cannot be edited safely: a quote in it seems not to be closed.`,
    'Correct .env by hand: each quote needs its partner. Then: ./wharfie verify',
  );
}

function replaceLast(text: string, name: string, line: string): string {
  const lines = text.split(/(?<=\n)/);
  const own = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*[=:]`);
  const index = lines.findLastIndex((candidate) => own.test(candidate));
  if (index < 0) return append(text, line);
  const end = /\r?\n$/.exec(lines[index] ?? '')?.[0] ?? '';
  return lines.with(index, `${line}${end}`).join('');
}

function append(text: string, line: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const gap = text === '' || text.endsWith('\n') ? '' : newline;
  return `${text}${gap}${line}${newline}`;
}

/** The value as dotenv reads it back: plain, or in the first kind of quotes that it does not contain. */
function quote(name: string, value: string): string {
  const candidates = [value, `'${value}'`, `"${value}"`, `\`${value}\``];
  const found = candidates.find((candidate) =>
    sameValues(parse(`${name}=${candidate}\nNEXT=1`), { [name]: value, NEXT: '1' }),
  );
  if (found !== undefined) return found;
  throw new EnvEditError(
    'env-value-unquotable',
    `The value of ${name} contains every kind of quote and cannot be written into .env.`,
    'Use a value without quotes.',
  );
}

function sameValues(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/**
 * Sets values in the file, atomically and readable for its owner only; makes the file where there is none. False: they
 * were all so before. The caller holds the setup lock.
 */
export function writeEnvValues(file: string, values: Readonly<Record<string, string>>): boolean {
  const target = existing(file);
  const text = target === null ? '' : readFileSync(target, 'utf8');
  const present = parse(text);
  const differing = Object.entries(values).filter(([name, value]) => present[name] !== value);
  if (differing.length === 0) return false;
  replaceFile(target ?? file, setEnvValues(text, Object.fromEntries(differing)), 0o600);
  return true;
}

/** Takes values out of the file, atomically; returns the names that stood in it. The caller holds the setup lock. */
export function removeEnvValues(file: string, names: readonly string[]): string[] {
  const target = existing(file);
  if (target === null) return [];
  const text = readFileSync(target, 'utf8');
  const present = parse(text);
  const gone = names.filter((name) => name in present);
  if (gone.length === 0) return [];
  replaceFile(target, removeLines(text, present, gone), 0o600);
  return gone;
}

function removeLines(text: string, present: Record<string, string>, gone: readonly string[]): string {
  const own = new RegExp(`^\\s*(?:export\\s+)?(?:${gone.join('|')})\\s*[=:]`);
  const left = text
    .split(/(?<=\n)/)
    .filter((line) => !own.test(line))
    .join('');
  const wanted = Object.fromEntries(Object.entries(present).filter(([name]) => !gone.includes(name)));
  if (sameValues(parse(left), wanted)) return left;
  throw new EnvEditError(
    'env-unparsable',
    '.env cannot be edited safely: a value in it goes over several lines.',
    `Take ${gone.join(', ')} out of .env by hand.`,
  );
}

/** Where the file really lies: a link to it stays a link. Null: there is none. */
function existing(file: string): string | null {
  try {
    return realpathSync(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * The text without the lines that a later one of the same name overrules with another value, and those names. What
 * cannot be taken out with everything else staying as it is, stays: a value over several lines for one.
 */
export function withoutOverruled(text: string): { text: string; names: string[] } {
  const wanted = parse(text);
  const names: string[] = [];
  let left = text;
  for (const name of Object.keys(wanted)) {
    const own = new RegExp(`^\\s*(?:export\\s+)?${escaped(name)}\\s*[=:]`);
    const lines = left.split(/(?<=\n)/);
    const last = lines.findLastIndex((line) => own.test(line));
    const isOverruled = (line: string, index: number) => {
      const value = index < last && own.test(line) ? parse(line)[name] : undefined;
      // An empty one was never meant to be anything.
      return value !== undefined && value !== '' && value !== wanted[name];
    };
    const kept = lines.filter((line, index) => !isOverruled(line, index)).join('');
    if (kept === left || !sameValues(parse(kept), wanted)) continue;
    left = kept;
    names.push(name);
  }
  return { text: left, names };
}

/** Takes those lines out of the file, atomically. The caller holds the setup lock. */
export function dropOverruled(file: string): void {
  const target = existing(file);
  if (target !== null) replaceFile(target, withoutOverruled(readFileSync(target, 'utf8')).text, 0o600);
}

const escaped = (name: string) => name.replace(/[.-]/g, '\\$&');
