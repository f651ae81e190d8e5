import type { Clock } from './clock.ts';

export type Fields = Record<string, unknown>;

export interface Log {
  debug(fields: Fields, event: string): void;
  info(fields: Fields, event: string): void;
  warn(fields: Fields, event: string): void;
  error(fields: Fields, event: string): void;
}

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 };

/** One JSON line an event, in the form that the host's own log has. What was said in a chat never goes in here. */
export function createLog(write: (line: string) => void, clock: Clock, base: Fields): Log {
  const at = (level: keyof typeof LEVELS) => (fields: Fields, event: string) =>
    write(`${JSON.stringify({ level: LEVELS[level], time: clock.now(), ...base, ...fields, msg: event })}\n`);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
