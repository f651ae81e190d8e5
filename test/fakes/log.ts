import { pino } from 'pino';
import type { Log } from '../../src/log/index.js';

/** For tests that do not look at the log. */
export const silentLog: Log = pino({ level: 'silent' });

/** A log that keeps its lines, parsed. */
export function createMemoryLog(level = 'debug'): { log: Log; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level, base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}
