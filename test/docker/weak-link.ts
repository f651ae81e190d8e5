import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket between the host and the engine that a test can cut, as a restart of the engine does. */
export interface WeakLink {
  readonly socketPath: string;
  /** Breaks every connection and takes no new one. */
  cut(): void;
  /** Takes connections again. */
  mend(): void;
  close(): Promise<void>;
}

export async function createWeakLink(enginePath: string): Promise<WeakLink> {
  const folder = await mkdtemp(join(tmpdir(), 'wharfie-link-'));
  const socketPath = join(folder, 'docker.sock');
  const open = new Set<net.Socket>();
  let broken = false;
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    if (broken) return void near.destroy();
    const far = net.connect({ path: enginePath, allowHalfOpen: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => {});
      one.once('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const cut = () => {
    broken = true;
    for (const socket of open) socket.destroy();
  };
  return {
    socketPath,
    cut,
    mend() {
      broken = false;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
