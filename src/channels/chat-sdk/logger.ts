import type { Logger } from 'chat';
import type { Log } from '../../log/index.js';

/**
 * The Chat SDK's log in ours. Its arguments quote messages and answers of the platform, and its paths hold
 * interaction tokens: none of them is logged, only the event, and what it calls information only for debugging.
 */
export function createSdkLogger(log: Log, prefix = 'chat-sdk'): Logger {
  const fields = { part: prefix };
  return {
    child: (name) => createSdkLogger(log, `${prefix}.${name}`),
    debug: (message) => log.trace(fields, message),
    info: (message) => log.debug(fields, message),
    warn: (message) => log.warn(fields, message),
    error: (message) => log.warn(fields, message),
  };
}
