import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { cliSocketPath } from '../channels/cli/socket-path.js';

export interface HostState {
  running: boolean;
  /** Null where no host runs, or it did not write its pid. */
  pid: number | null;
}

/** Asks from another process whether a host serves this installation: one that does listens on its terminal socket. */
export async function hostState(dataDir: string): Promise<HostState> {
  const running = await new Promise<boolean>((resolve) => {
    const socket = connect(cliSocketPath(dataDir));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  return { running, pid: running ? readPid(join(dataDir, 'host.pid')) : null };
}

function readPid(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
