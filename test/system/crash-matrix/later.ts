import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('later/preload.cjs', import.meta.url));

/** For the environment of a host whose clock, and that of its reader, is so many milliseconds ahead. */
export function shiftedBy(ms: number): Record<string, string> {
  return ms === 0 ? {} : { NODE_OPTIONS: `--require=${program}`, TEST_CLOCK_SHIFT_MS: String(ms) };
}
