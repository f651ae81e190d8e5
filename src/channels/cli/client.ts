import { connect, type Socket } from 'node:net';
import { type ClientMessage, createLineParser, type HostMessage, hostMessageSchema } from './protocol.js';

export interface CliClient {
  send(message: ClientMessage): void;
  /** Resolves when the host has closed the connection or it broke. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects to a host's terminal socket; rejects (`ENOENT`, `ECONNREFUSED`) where no host listens. */
export function connectCli(
  socketPath: string,
  onMessage: (message: HostMessage) => void,
): Promise<CliClient> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(clientOver(socket, onMessage));
    });
  });
}

function clientOver(socket: Socket, onMessage: (message: HostMessage) => void): CliClient {
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on(
    'data',
    createLineParser(hostMessageSchema, onMessage, () => socket.destroy()),
  );
  return {
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    close: () => void socket.end(),
  };
}
