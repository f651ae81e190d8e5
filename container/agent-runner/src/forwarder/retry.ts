import { type Clock, sleep } from '../clock.ts';

export interface ForwarderDeps {
  /** The host's socket, `/run/wharfie/egress.sock`. */
  socketPath: string;
  clock: Clock;
  /** How long the host may be away, milliseconds; default 5 minutes. */
  waitMs?: number;
  /** An answer of the model begins. */
  onModelByte?: () => void;
}

const WAIT_MS = 5 * 60_000;
const FIRST_DELAY_MS = 25;
const LONGEST_DELAY_MS = 1000;
/** What a socket says whose host is away, has just gone, or has more waiting connections than it can hold. */
const AWAY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAGAIN']);

/** Tries until it works, the client has left, or the host has been away too long; then throws the last error. */
export async function whileAway<T>(
  deps: ForwarderDeps,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  const until = deps.clock.monotonic() + (deps.waitMs ?? WAIT_MS);
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !AWAY.has(codeOf(error)) || deps.clock.monotonic() + delay > until) throw error;
      await sleep(deps.clock, delay);
      if (signal.aborted) throw error;
    }
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
