import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ForwarderDeps, whileAway } from './retry.ts';

/** Passes a CONNECT on and joins both ends; the gateway's answer, also a refusal, is the client's to read. */
export async function forwardTunnel(
  deps: ForwarderDeps,
  authority: string,
  near: Duplex,
  head: Buffer,
): Promise<void> {
  const abort = new AbortController();
  near.once('close', () => abort.abort());
  try {
    const { far, first } = await whileAway(deps, abort.signal, () => ask(deps.socketPath, authority));
    if (near.destroyed) {
      far.destroy();
      return;
    }
    near.write(first);
    far.write(head);
    join(near, far);
    join(far, near);
  } catch {
    near.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  }
}

function join(from: Duplex, to: Duplex): void {
  from.on('error', () => to.destroy());
  from.once('close', () => {
    // What one side said last still has to reach the other.
    if (from.readableEnded) to.end(() => to.destroy());
    else to.destroy();
  });
  from.pipe(to);
}

/** Resolves with the connection and the first bytes of its answer; rejects where it ends without any. */
function ask(socketPath: string, authority: string): Promise<{ far: Socket; first: Buffer }> {
  return new Promise((resolve, reject) => {
    const far = connect(socketPath);
    const ended = () =>
      reject(Object.assign(new Error('The host ended the connection.'), { code: 'ECONNRESET' }));
    far.once('error', reject);
    far.once('end', ended);
    far.once('data', (first) => {
      far.pause();
      far.off('error', reject);
      far.off('end', ended);
      resolve({ far, first });
    });
    far.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  });
}
