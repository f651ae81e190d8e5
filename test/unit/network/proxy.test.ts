import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { createUpstreamClient } from '../../../src/egress/upstream.js';
import { honourProxies, proxyingAgent } from '../../../src/network/index.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createForwardProxy } from '../../fakes/forward-proxy.js';

describe('a proxy that the environment or .env names', () => {
  const server = http.createServer((request, response) => response.end(`you asked ${request.url}`));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.send('hello'));
  let proxy: Awaited<ReturnType<typeof createForwardProxy>>;
  let direct = 0;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    direct = (server.address() as AddressInfo).port;
    proxy = await createForwardProxy({ 'api.invalid:80': direct });
    expect(proxyingAgent()).toBeNull();
    await honourProxies({ HTTP_PROXY: proxy.url });
  });
  afterAll(() => {
    proxy.close();
    server.closeAllConnections();
    server.close();
  });

  it('is used by fetch', async () => {
    const answer = await fetch('http://api.invalid/one');
    expect(await answer.text()).toBe('you asked /one');
    expect(proxy.asked.at(-1)).toMatch(/api\.invalid:80$/);
  });

  it('is used on the way to the model', async () => {
    const client = createUpstreamClient({ clock: createFakeClock(), timeoutMs: 1000 });
    const { signal } = new AbortController();
    const url = new URL('http://api.invalid/two');
    const before = proxy.asked.length;
    const answer = await client.send({ method: 'GET', url, headers: {}, body: Buffer.alloc(0), signal });
    expect(answer.statusCode).toBe(200);
    expect(proxy.asked.slice(before)).toEqual([expect.stringMatching(/api\.invalid:80$/)]);
    answer.destroy();
    client.close();
  });

  it('is used by a WebSocket', async () => {
    const agent = proxyingAgent();
    const before = proxy.asked.length;
    const socket = new WebSocket('ws://api.invalid/', agent ? { agent } : {});
    const [said] = await once(socket, 'message');
    expect(String(said)).toBe('hello');
    expect(proxy.asked.slice(before)).toEqual(['CONNECT api.invalid:80']);
    socket.terminate();
  });

  it('is never used for this machine', async () => {
    const before = proxy.asked.length;
    expect(await (await fetch(`http://127.0.0.1:${direct}/three`)).text()).toBe('you asked /three');
    expect(proxy.asked).toHaveLength(before);
  });
});
