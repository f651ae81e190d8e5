import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { pathsOf } from '../src/config.js';
import { codeOf } from '../src/errors.js';
import type { FlagSpec } from './lib/flags.js';
import type { Step } from './lib/step.js';
import { oneOf, timeSpan } from './lib/values.js';

const DAY_MS = 24 * 3_600_000;
const MOST_BYTES = 10 * 2 ** 20;
const MOST_SHOWN = 40;
const LONGEST_TEXT = 200;
/** Levels of pino (getpino.io, "Levels"). */
const LEVELS = { warn: 40, error: 50 } as const;

const lineSchema = z.looseObject({ level: z.number(), time: z.number(), msg: z.string() });
type Line = z.infer<typeof lineSchema>;

interface Shown {
  level: 'warn' | 'error';
  count: number;
  first: string;
  last: string;
  msg: string;
  [field: string]: unknown;
}

const flags: FlagSpec[] = [
  { name: 'since', kind: 'value', hint: '<time>', help: 'how far back, as in 30m or 48h; a day by default' },
  { name: 'level', kind: 'value', hint: 'warn|error', help: 'from this level up; warn by default' },
];

export const logs: Step = {
  name: 'logs',
  class: 'reads',
  summary: "warnings and errors of the host's log, the same ones together, with ids masked",
  flags,
  async run(values, { home, clock }) {
    const since = clock.now() - (timeSpan(values, 'since', { least: 60_000, most: 31 * DAY_MS }) ?? DAY_MS);
    const least = LEVELS[oneOf(values, 'level', ['warn', 'error']) ?? 'warn'];
    const file = join(pathsOf(home).logs, 'wharfie.log');
    const wanted = newest(file)
      .split('\n')
      .flatMap(parsed)
      .filter(({ level, time }) => level >= least && time >= since);
    const found = together(wanted);
    return {
      status: 'success',
      fields: {
        SINCE: new Date(since).toISOString(),
        LINES: wanted.length,
        KINDS: found.length,
        LOG: found.slice(0, MOST_SHOWN),
      },
    };
  },
};

/** The end of the file; what a longer one began with is older. Empty where no host has run yet. */
function newest(file: string): string {
  try {
    const fd = openSync(file, 'r');
    try {
      const { size } = fstatSync(fd);
      const bytes = Buffer.alloc(Math.min(size, MOST_BYTES));
      const read = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString('utf8', 0, read);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

function parsed(line: string): Line[] {
  try {
    return [lineSchema.parse(JSON.parse(line))];
  } catch {
    // The first line of a part of the file, or one that a crash cut off.
    return [];
  }
}

/** Lines of one event on one channel count as one, with what the newest of them says; the newest first. */
function together(lines: readonly Line[]): Shown[] {
  const kinds = new Map<string, Shown>();
  for (const { level, time, msg, ...rest } of lines) {
    const fields = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, masked(value)]));
    const name = level >= LEVELS.error ? 'error' : 'warn';
    const key = JSON.stringify([name, msg, rest.channel, rest.code, rest.errorClass]);
    const at = new Date(time).toISOString();
    const known = kinds.get(key);
    // Set anew, it comes last.
    kinds.delete(key);
    const shown = {
      level: name,
      count: (known?.count ?? 0) + 1,
      first: known?.first ?? at,
      last: at,
    } as const;
    kinds.set(key, { ...fields, ...shown, msg: masked(msg) as string });
  }
  return [...kinds.values()].reverse();
}

/** Numbers of chats and people, ids, and addresses of mail, as what they end in: enough to tell two of them apart. */
function masked(value: unknown): unknown {
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Math.abs(value) < 1e6) return value;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const hidden = text
    .replace(/[\p{L}\p{N}._%+-]+@/gu, '…@')
    .replace(/(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{7,}/g, (id) => `…${id.slice(-3)}`);
  return hidden.length > LONGEST_TEXT ? `${hidden.slice(0, LONGEST_TEXT)}…` : hidden;
}
