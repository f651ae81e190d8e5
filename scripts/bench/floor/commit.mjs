// The floor of a round trip: at each ring on standard input reads the newest row of the host's file, commits one row to
// its own, and rings back. As a container with Node's own SQLite, as a process with better-sqlite3.
import { createRequire } from 'node:module';

const [, , inboundFile, outboundFile] = process.argv;
const native = Number(process.versions.node.split('.')[0]) >= 24;
const Database = native
  ? process.getBuiltinModule('node:sqlite').DatabaseSync
  : createRequire(import.meta.url)('better-sqlite3');

const inbound = native
  ? new Database(inboundFile, { readOnly: true, timeout: 5000 })
  : new Database(inboundFile, { readonly: true });
const outbound = new Database(outboundFile, { timeout: 5000 });
outbound.exec('PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL');
const read = inbound.prepare('SELECT body FROM messages ORDER BY n DESC LIMIT 1');
const write = outbound.prepare('INSERT INTO messages (body) VALUES (?)');

process.stdin.on('data', () => {
  write.run(read.get().body);
  process.stdout.write('\n');
});
process.stdin.on('end', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.stdout.write('\n');
