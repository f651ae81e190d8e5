import type { Server } from 'node:net';
import { codeOf, reasonOf } from '../errors.js';
import type { Log } from './index.js';

/** A server that could not accept one connection (no file descriptor is free) goes on; by default it ends the process. */
export function outliveErrors(server: Server, log: Log, what: string): void {
  server.on('error', (error) =>
    log.error(
      { server: what, code: codeOf(error), reason: reasonOf(error) },
      'a connection was not accepted',
    ),
  );
}
