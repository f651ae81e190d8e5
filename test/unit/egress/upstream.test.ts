import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createUpstreamClient } from '../../../src/egress/upstream.js';
import { createFakeClock } from '../../fakes/clock.js';

const client = createUpstreamClient({ clock: createFakeClock(), timeoutMs: 1000 });
const servers: net.Server[] = [];
afterEach(() => {
  client.close();
  for (const server of servers.splice(0)) server.close();
});

/** A server of which `answers(connection, request)` says, both counted from 0, whether a request is answered. */
async function upstream(answers: (connection: number, request: number) => boolean): Promise<URL> {
  let connections = 0;
  const server = net.createServer((socket) => {
    const connection = connections++;
    let requests = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      if (answers(connection, requests++)) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.destroy();
    });
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const address = server.address();
  return new URL(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`);
}

async function post(url: URL): Promise<string> {
  const answer = await client.send({
    url,
    headers: {},
    body: Buffer.from('{}'),
    signal: new AbortController().signal,
  });
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}

describe('the connection to the model API', () => {
  it('is kept, and one that was closed while it was idle is replaced without a word', async () => {
    const url = await upstream((connection, request) => connection > 0 || request < 2);
    expect([await post(url), await post(url), await post(url)]).toEqual(['ok', 'ok', 'ok']);
  });

  it('is not tried again when a new one breaks: the request may have been taken in', async () => {
    let connections = 0;
    const url = await upstream((connection) => {
      connections = connection + 1;
      return false;
    });
    await expect(post(url)).rejects.toThrow();
    expect(connections).toBe(1);
  });
});
