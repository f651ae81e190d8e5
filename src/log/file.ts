import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { DestinationStream } from 'pino';
import { createStream, type FileSize } from 'rotating-file-stream';
import { type Clock, systemClock } from '../clock.js';
import { reasonOf } from '../errors.js';

export interface LogFile extends DestinationStream {
  /** Writes a line past the stream and to stderr, and returns when both have it: the process is about to end. */
  writeNow(line: string): void;
  /** Resolves when everything written has reached the file. */
  close(): Promise<void>;
}

/** A stream that has failed once never writes again: so long after it a new one is tried. */
const AGAIN_MS = 10_000;

/**
 * `<dir>/wharfie.log`, rotated at `size` (default 10 MB), five old files kept; `echo` repeats each line on stdout
 * (service mode).
 */
export function openLogFile(
  dir: string,
  options: { echo: boolean; size?: FileSize; clock?: Pick<Clock, 'monotonic'> },
): LogFile {
  const { echo, size = '10M', clock = systemClock } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let failedAt: number | null = null;
  const open = () => {
    const opened = createStream('wharfie.log', { path: dir, size, rotate: 5, mode: 0o600 });
    // A log that cannot be written (disk full) must not end the host; the terminal still gets the line.
    opened.on('error', (error) => {
      process.stderr.write(`log: ${error.message}\n`);
      failedAt = clock.monotonic();
    });
    return opened;
  };
  let stream = open();
  return {
    write(line) {
      if (failedAt !== null && clock.monotonic() - failedAt >= AGAIN_MS) {
        failedAt = null;
        stream = open();
      }
      if (failedAt === null) stream.write(line);
      if (echo) process.stdout.write(line);
    },
    writeNow(line) {
      process.stderr.write(line);
      try {
        appendFileSync(path.join(dir, 'wharfie.log'), line, { mode: 0o600 });
      } catch (error) {
        process.stderr.write(`log: ${reasonOf(error)}\n`);
      }
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
