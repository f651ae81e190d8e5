import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { probeModelApi } from '../../../src/credentials/probe.js';
import { createFakeClock } from '../../fakes/clock.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An API that answers with `status`, or not at all; what it was asked. */
async function api(status: number | null) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['x-api-key']}`);
    server.emit('asked');
    if (status !== null) response.writeHead(status, { location: '/elsewhere' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const upstream = { baseUrl: new URL(`http://127.0.0.1:${port}/llm/`), headers: { 'x-api-key': 'k' } };
  return { asked, server, upstream };
}

describe('asking whether the key is taken', () => {
  it('costs one request without tokens, and follows no redirect with the key', async () => {
    for (const status of [200, 401, 302]) {
      const { asked, upstream } = await api(status);
      expect(await probeModelApi(createFakeClock(), upstream)).toBe(status);
      expect(asked).toEqual(['GET /llm/v1/models?limit=1 k']);
    }
  });

  it('ends after ten seconds', async () => {
    const { server, upstream } = await api(null);
    const clock = createFakeClock();
    const asked = once(server, 'asked');
    const probe = probeModelApi(clock, upstream);
    probe.catch(() => {});
    await asked;
    await clock.advance(10_000);
    await expect(probe).rejects.toThrow();
  });
});
