import { limitSelf } from '../async/self-limit.js';
import { dropPrivileges } from './drop-privileges.js';
import type { ReaderMessage, ReaderRequest } from './protocol.js';
import { FileReader } from './read-file.js';

/**
 * The reader process: `child.ts <sessions folder>`, spoken to over Node's IPC channel. It alone opens
 * what containers wrote; a file that hangs SQLite hangs this process and nothing else, and the host kills it.
 */
// Far beyond the client's deadlines: it matters only when there is no client any more.
const ORPHAN_MS = 10_000;
const [, , sessionsDir = '/'] = process.argv;
const limit = limitSelf({ clockMs: ORPHAN_MS });
const user = dropPrivileges(sessionsDir);
const files = new FileReader();

process.on('message', (request: ReaderRequest) => {
  if (request.op === 'release') {
    files.release(request.sessionId);
    return;
  }
  limit.begin();
  const read = files.read(request.sessionId, request.file, request.afterSeq, request.afterAck);
  limit.end();
  send({ event: 'read', id: request.id, read });
});
process.on('disconnect', () => process.exit(0));
// The terminal's interrupt reaches the whole group; the host decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
send({ event: 'ready', user });

function send(message: ReaderMessage): void {
  process.send?.(message);
}
