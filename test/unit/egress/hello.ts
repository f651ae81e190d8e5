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
