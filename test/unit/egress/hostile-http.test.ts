import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../fakes/clock.js';
import { createMessagesApi, type MessagesApi } from '../../fakes/messages-api.js';
import { call, createHarness, HELLO } from './harness.js';

let api: MessagesApi;
let stop = async () => {};
beforeEach(async () => {
  api = await createMessagesApi(() => 'fine');
});
afterEach(async () => {
  await stop();
  await api.close();
});

function setUp(options: Parameters<typeof createHarness>[0] = {}) {
  const harness = createHarness({ upstream: api.url, ...options });
  stop = harness.gateway.stop;
  return harness;
}

/** Writes raw bytes and gives back all that came until the far side closed. */
async function raw(socketPath: string, ...pieces: string[]): Promise<string> {
  const socket = net.connect(socketPath);
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.on('error', () => {});
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return text;
}

describe('what is not plain HTTP', () => {
  it.each([
    [
      'two lengths',
      'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}',
    ],
    [
      'a length and pieces',
      'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}',
    ],
    ['a space before the colon', 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length : 2\r\n\r\n{}'],
    ['bare line feeds', 'POST /v1/messages HTTP/1.1\nhost: x\ncontent-length: 2\n\n{}'],
    ['no host', 'POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}'],
    ['noise', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s gets a 400 or nothing, and never reaches the API', async (_, bytes) => {
    const answer = await raw(await setUp().open(), bytes);
    expect(answer.split('\r\n')[0]).toMatch(/^(HTTP\/1\.1 400 Bad Request)?$/);
    expect(api.seen).toEqual([]);
  });

  it('requests that do not wait for answers end their connection, and others are served', async () => {
    const door = await setUp().open();
    const flood = 'GET /v1/files HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(5);
    expect((await raw(door, flood)).match(/HTTP\/1\.1 200/g)).toBeNull();
    expect((await call(door, { method: 'GET', path: '/v1/files', headers: {}, body: '' })).status).toBe(404);
  });

  it('huge headers get a 431', async () => {
    const { open } = setUp({ limits: { headers: 2000 } });
    const answer = await raw(
      await open(),
      `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(5000)}\r\n\r\n`,
    );
    expect(answer).toContain('431');
  });

  it('an upgrade is a request like any other', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    expect(
      (await call(await setUp().open(), { method: 'GET', path: '/v1/messages', headers, body: '' })).status,
    ).toBe(404);
  });

  it('a client that never finishes its headers or its body is shown out', async () => {
    const slowHeaders = setUp({ limits: { headersTimeout: 50 } });
    const partial = 'POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-slow: ';
    expect(await raw(await slowHeaders.open(), partial)).toContain('408');
    await stop();
    const { open } = setUp({ limits: { headersTimeout: 50, requestTimeout: 100 } });
    const socket = await open();
    expect(
      await raw(socket, 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{'),
    ).toContain('408');
    expect(api.seen).toEqual([]);
  });
});

describe('a body without end', () => {
  it('gets its refusal at once, is read for a while without being kept, and is then cut off', async () => {
    const { open } = setUp({ limits: { body: 1000 } });
    const socket = net.connect(await open());
    socket.on('error', () => {});
    const chunk = `7d0\r\n${'x'.repeat(2000)}\r\n`;
    socket.write(`POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`);
    expect(String((await once(socket, 'data'))[0])).toContain('413');
    const closed = once(socket, 'close');
    socket.write(chunk);
    await closed;
  });
});

describe('a door that is leant on', () => {
  it('holds a bounded number of connections', async () => {
    const { open } = setUp({ limits: { connections: 2 } });
    const socket = await open();
    const kept = [net.connect(socket), net.connect(socket)];
    await Promise.all(kept.map((one) => once(one, 'connect')));
    await expect(call(socket)).rejects.toThrow();
    for (const one of kept) one.destroy();
  });

  it('serves a bounded number of model requests at once, and tells the next one to come again', async () => {
    let answer = () => {};
    const held = new Promise<string>((resolve) => {
      answer = () => resolve('late');
    });
    api.setScript(() => held);
    const { open, audit } = setUp({ limits: { modelRequests: 1 } });
    const socket = await open();
    const first = call(socket);
    await api.callsReach(1);
    const second = await call(socket);
    expect([second.status, second.headers['retry-after']]).toEqual([429, '1']);
    answer();
    expect((await first).status).toBe(200);
    expect((await call(socket)).status).toBe(200);
    expect(audit).toEqual([]);
  });

  it('holds a bounded number of bytes for all requests together, and gives them back', async () => {
    let answer = () => {};
    const held = new Promise<string>((resolve) => {
      answer = () => resolve('late');
    });
    api.setScript(() => held);
    const { open } = setUp({ limits: { bodiesHeld: 1500 } });
    const socket = await open();
    const body = { messages: HELLO, metadata: { user_id: 'x'.repeat(1000) } };
    const first = call(socket, { body });
    await api.callsReach(1);
    expect((await call(socket, { body })).status).toBe(429);
    answer();
    await first;
    expect((await call(socket, { body })).status).toBe(200);
  });

  it('serves what comes too fast later, each session at its own pace', async () => {
    const clock = createFakeClock();
    const { open } = setUp({ clock, limits: { requestBurst: 2, requestsPerSecond: 1 } });
    const socket = await open();
    const other = await open({ sessionId: 'ses_2' });
    await call(socket);
    await call(socket);
    const timers = clock.pending();
    const late = call(socket);
    expect((await call(other)).status).toBe(200);
    while (clock.pending() === timers) await new Promise((resolve) => setImmediate(resolve));
    expect(api.calls).toHaveLength(3);
    await clock.advance(1000);
    expect((await late).status).toBe(200);
  });
});
