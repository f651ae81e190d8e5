import { closeSync, openSync, utimesSync } from 'node:fs';
import type { Clock } from './clock.ts';

const EVERY_MS = 5_000;

/** Touches the file now and every 5 s from a timer of its own, whatever the model does. */
export function startHeartbeat(file: string, clock: Clock): { stop(): void } {
  let timer = { cancel() {} };
  const touch = () => {
    try {
      closeSync(openSync(file, 'a', 0o644));
      const seconds = clock.now() / 1000;
      utimesSync(file, seconds, seconds);
    } catch {
      // A full disk: the host sees no change and deals with it.
    }
    timer = clock.after(EVERY_MS, touch);
  };
  touch();
  return { stop: () => timer.cancel() };
}
