import { write } from 'node:fs';
import type { Readable } from 'node:stream';

/** The doorbell: carries no data, so that a lost ring costs latency and never a message. */
export interface Bell {
  /** Rings the host. Rings that come while one is being written become one. */
  ring(): void;
}

const NEWLINE = Buffer.from('\n');

/**
 * Rings by writing a newline to `fd`. Written off the event loop: a pipe that nobody reads would otherwise stop the
 * runner, heartbeat and all. A host that is away is not an error; it looks by itself when it is back.
 */
export function createBell(fd: number): Bell {
  let writing = false;
  let again = false;
  const ring = () => {
    if (writing) {
      again = true;
      return;
    }
    writing = true;
    write(fd, NEWLINE, () => {
      writing = false;
      if (!again) return;
      again = false;
      ring();
    });
  };
  return { ring };
}

/** Listens for the host's rings; `onEnd` when no more can come. */
export function listenForRings(input: Readable, onRing: () => void, onEnd: () => void): void {
  input.on('data', onRing);
  input.on('end', onEnd);
  input.on('error', onEnd);
}
