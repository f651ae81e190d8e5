import type { Clock } from '../clock.js';

/**
 * Runs `work` with a signal that ends with any of the callers', and after `ms` at the latest. Nothing of it stays with
 * a signal that lives on; what `AbortSignal.any` makes of one does, in Node 20.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  signals: AbortSignal | undefined | readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const stop = () => deadline.abort();
  const timer = clock.after(ms, stop);
  const callers = [signals].flat();
  for (const signal of callers) {
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  }
  try {
    return await work(deadline.signal);
  } finally {
    timer.cancel();
    for (const signal of callers) signal?.removeEventListener('abort', stop);
  }
}
