import type { Clock } from '../clock.js';

/** Runs `work` with a signal that ends with the caller's (where there is one), and after `ms` at the latest. */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const stop = () => deadline.abort();
  const timer = clock.after(ms, stop);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await work(deadline.signal);
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', stop);
  }
}
