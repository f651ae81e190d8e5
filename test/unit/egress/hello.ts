import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/** What Node's own client says first. */
export async function helloOf(options: tls.ConnectionOptions = {}): Promise<Buffer> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const heard = once(server, 'connection').then(async ([socket]) => (await once(socket, 'data'))[0]);
  const address = server.address();
  const client = tls.connect({ port: typeof address === 'object' && address ? address.port : 0, ...options });
  client.on('error', () => {});
  const bytes = await heard;
  client.destroy();
  server.close();
  return bytes;
}

const sized = (size: 1 | 2 | 3, data: Buffer) => {
  const length = Buffer.alloc(size);
  length.writeUIntBE(data.length, 0, size);
  return Buffer.concat([length, data]);
};

export const extension = (type: number, data: Buffer) =>
  Buffer.concat([Buffer.from([type >> 8, type & 255]), sized(2, data)]);

/** server_name with these entries: a type and a name each. */
export const serverNames = (...entries: [type: number, name: string][]) =>
  extension(
    0,
    sized(
      2,
      Buffer.concat(
        entries.map(([type, name]) => Buffer.concat([Buffer.from([type]), sized(2, Buffer.from(name))])),
      ),
    ),
  );
export const serverName = (name: string) => serverNames([0, name]);

/** The message of a ClientHello with these extensions; null: without the field for them. */
export function helloMessage(extensions: readonly Buffer[] | null): Buffer {
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    sized(1, Buffer.alloc(32, 9)),
    sized(2, Buffer.from([0x13, 1, 0x13, 2])),
    sized(1, Buffer.from([0])),
    ...(extensions === null ? [] : [sized(2, Buffer.concat(extensions))]),
  ]);
  return Buffer.concat([Buffer.from([1]), sized(3, body)]);
}

export const record = (type: number, data: Buffer) =>
  Buffer.concat([Buffer.from([type, 3, 1]), sized(2, data)]);

/** A ClientHello as it goes over the wire. */
export const hello = (...extensions: Buffer[]) => record(0x16, helloMessage(extensions));
