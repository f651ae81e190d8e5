import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { SOCKET_NAME } from './run-dir.js';

const TEMPORARY = /^\.[0-9a-f]{8}$/;

/**
 * Listens on the folder's socket, 0600 and owned by the container's user. It is made under a name that nobody can
 * guess and then renamed over the old one: clients see either, never none, and never one with other rights.
 */
export async function listenOn(
  server: Server,
  runDir: string,
  owner: { uid: number; gid: number } | null,
): Promise<void> {
  for (const left of readdirSync(runDir).filter((name) => TEMPORARY.test(name))) rmSync(join(runDir, left));
  const temporary = join(runDir, `.${randomBytes(4).toString('hex')}`);
  server.listen(temporary);
  await once(server, 'listening');
  chmodSync(temporary, 0o600);
  const { uid, gid } = lstatSync(temporary);
  if (owner && (owner.uid !== uid || owner.gid !== gid)) chownSync(temporary, owner.uid, owner.gid);
  renameSync(temporary, join(runDir, SOCKET_NAME));
}

/** Is the socket still there, with the rights it should have? Tidying programs may take it away. */
export function socketIsSound(runDir: string, owner: { uid: number; gid: number } | null): boolean {
  const found = lstatSync(join(runDir, SOCKET_NAME), { throwIfNoEntry: false });
  return (
    found?.isSocket() === true && (owner === null || (found.uid === owner.uid && found.gid === owner.gid))
  );
}

export function removeSocket(runDir: string): void {
  rmSync(join(runDir, SOCKET_NAME), { force: true });
}
