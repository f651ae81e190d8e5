import { codeOf, reasonOf } from '../errors.js';
import type { LogFile } from './file.js';
import { createLog } from './index.js';

/**
 * What nobody foresaw ends the host, after it stands in the log: what the file's stream still holds would go with the
 * process. Rejections that nobody handles come here too.
 */
export function logLastWords(
  file: Pick<LogFile, 'writeNow'>,
  options: Parameters<typeof createLog>[1],
): void {
  const log = createLog({ write: file.writeNow }, options);
  process.on('uncaughtException', (error: unknown, origin) => {
    try {
      const stack = error instanceof Error ? error.stack : undefined;
      const fields = { origin, code: codeOf(error), reason: reasonOf(error), stack };
      log.fatal(fields, 'the host ends: something went wrong that nobody foresaw');
    } finally {
      process.exit(1);
    }
  });
}
