import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/**
 * A forward proxy on loopback (RFC 9110 section 9.3.6, CONNECT, and requests in absolute form, RFC 9112 section 3.2.2), which
 * alone can find the hosts in `hosts`: name and port to a port of this machine.
 */
export async function createForwardProxy(hosts: Record<string, number>) {
  /** `<method> <host>:<port>` of everything that was asked. */
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const portOf = (authority: string) => hosts[authority] ?? null;
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '');
    const authority = `${url.hostname}:${url.port || 80}`;
    asked.push(`${request.method} ${authority}`);
    const port = portOf(authority);
    if (port === null) return response.writeHead(502).end();
    const { 'proxy-connection': _, ...headers } = request.headers;
    const onwards = http.request(
      { host: '127.0.0.1', port, method: request.method, path: url.pathname + url.search, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onwards.on('error', () => response.destroy());
    return request.pipe(onwards);
  });
  server.on('connect', (request, client: Socket) => {
    const authority = request.url ?? '';
    asked.push(`CONNECT ${authority}`);
    const port = portOf(authority);
    if (port === null) return client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
