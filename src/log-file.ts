import { mkdirSync } from 'node:fs';
import type { DestinationStream } from 'pino';
import { createStream, type FileSize } from 'rotating-file-stream';

export interface LogFile extends DestinationStream {
  /** Resolves when everything written has reached the file. */
  close(): Promise<void>;
}

/**
 * `<dir>/wharfie.log`, rotated at `size` (default 10 MB), five old files kept; `echo` repeats each line on stdout
 * (service mode).
 */
export function openLogFile(dir: string, options: { echo: boolean; size?: FileSize }): LogFile {
  const { echo, size = '10M' } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const stream = createStream('wharfie.log', { path: dir, size, rotate: 5, mode: 0o600 });
  // A log that cannot be written (disk full) must not end the host; the terminal still gets the line.
  stream.on('error', (error) => process.stderr.write(`log: ${error.message}\n`));
  return {
    write(line) {
      stream.write(line);
      if (echo) process.stdout.write(line);
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
