import { connect, createServer } from 'node:net';
import type { Caller } from '../../fakes/caller.js';

/** A platform that calls several times a second for minutes: hosts are down for seconds here. */
export const STUBBORN: readonly number[] = Array.from({ length: 1000 }, () => 250);

/** Whether the host has taken in what was called last in that lane of a platform that calls once. */
export const taken = async (caller: Caller, lane: string): Promise<boolean> =>
  (await caller.last(lane)) === 200;

/** A port of loopback that nobody has now: a host is told where to listen before it starts. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Does somebody listen there? */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
