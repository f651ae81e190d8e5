import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { whileAway } from '../../../container/agent-runner/src/forwarder/retry.ts';
import { createForwarder, type Forwarder } from '../../../container/agent-runner/src/forwarder.ts';
import { createFakeClock, type FakeClock } from '../../fakes/clock.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function setUp(waitMs?: number) {
  const clock = createFakeClock();
  const socketPath = join(mkdtempSync(join(tmpdir(), 'wf-')), 'egress.sock');
  let answers = 0;
  const onModelByte = () => {
    answers += 1;
  };
  const patience = waitMs === undefined ? {} : { waitMs };
  const forwarder = await createForwarder({ socketPath, clock, onModelByte, ...patience });
  cleanups.push(forwarder.close);
  return { clock, socketPath, forwarder, answers: () => answers };
}

/** The host's side: whatever listens on the socket from now on. */
async function host(socketPath: string, listener: RequestListener): Promise<Server> {
  rmSync(socketPath, { force: true });
  const server = createServer(listener).listen(socketPath);
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

const post = (forwarder: Forwarder, body = 'hello', signal?: AbortSignal) =>
  fetch(`${forwarder.url}/v1/messages?beta=true`, { method: 'POST', body, ...(signal ? { signal } : {}) });

const bodyOf = async (request: IncomingMessage) => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

/** Lets the fake clock run until the promise has settled. */
async function driven<T>(clock: FakeClock, promise: Promise<T>, step = 100): Promise<T> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  while (!settled) await clock.advance(clock.pending() > 0 ? step : 0);
  return promise;
}

/** Lets the fake clock run until something waits for it. */
async function waiting(clock: FakeClock): Promise<void> {
  while (clock.pending() === 0) await clock.advance(0);
}

describe('what is worth another try', () => {
  const deps = { socketPath: '', clock: createFakeClock(), waitMs: 100 };
  const failing = (code: string) => async () => {
    tries += 1;
    throw Object.assign(new Error(code), { code });
  };
  let tries = 0;

  it.each([
    ['ENOENT', 3],
    ['ECONNREFUSED', 3],
    ['ECONNRESET', 3],
    ['EPIPE', 3],
    ['EAGAIN', 3],
    ['EACCES', 1],
    ['HPE_INVALID_CONSTANT', 1],
  ])('%s: %i tries in a tenth of a second', async (code, expected) => {
    tries = 0;
    const failed = whileAway(deps, new AbortController().signal, failing(code));
    failed.catch(() => {});
    await deps.clock.advance(1000);
    await expect(failed).rejects.toThrow(code);
    expect(tries).toBe(expected);
  });
});

describe('requests through the forwarder', () => {
  it('tell when an answer of the model begins, and of nothing else', async () => {
    const { socketPath, forwarder, answers } = await setUp();
    const statuses = [200, 529, 200];
    await host(socketPath, (_request, response) => {
      response.writeHead(statuses.shift() ?? 500);
      response.end('{}');
    });
    await (await post(forwarder)).text();
    expect(answers()).toBe(1);
    await (await post(forwarder)).text();
    await (await fetch(`${forwarder.url}/v1/messages/count_tokens`, { method: 'POST', body: '{}' })).text();
    expect(answers()).toBe(1);
  });

  it('arrive as they were sent, and so do the answers', async () => {
    const { socketPath, forwarder } = await setUp();
    await host(socketPath, async (request, response) => {
      response.setHeader('x-seen', `${request.method} ${request.url} ${request.headers['x-api-key']}`);
      response.statusCode = 429;
      response.end(`got ${await bodyOf(request)}`);
    });
    const answer = await fetch(`${forwarder.url}/v1/messages?beta=true`, {
      method: 'POST',
      body: 'hé',
      headers: { 'x-api-key': 'p' },
    });
    expect([answer.status, answer.headers.get('x-seen'), await answer.text()]).toEqual([
      429,
      'POST /v1/messages?beta=true p',
      'got hé',
    ]);
    // Some clients take an answer that was cut for a whole one after `connection: close`.
    expect(answer.headers.get('connection')).not.toBe('close');
  });

  it('stream: each piece passes as it is said', async () => {
    const { socketPath, forwarder } = await setUp();
    let last = () => {};
    await host(socketPath, (_, response) => {
      response.write('one');
      last = () => response.end('two');
    });
    const reader = (await post(forwarder)).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('one');
    last();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('two');
  });

  it('wait for a host that is not up yet, or has left only its socket behind', async () => {
    const { clock, socketPath, forwarder } = await setUp();
    const early = post(forwarder);
    await waiting(clock);
    await host(socketPath, (_, response) => response.end('at last'));
    expect(await (await driven(clock, early)).text()).toBe('at last');
  });

  it('are sent again when the host goes before the answer begins', async () => {
    const { clock, socketPath, forwarder } = await setUp();
    const seen: string[] = [];
    await host(socketPath, async (request, response) => {
      seen.push(await bodyOf(request));
      if (seen.length < 3) response.destroy();
      else response.end('third time');
    });
    expect(await (await driven(clock, post(forwarder))).text()).toBe('third time');
    expect(seen).toEqual(['hello', 'hello', 'hello']);
  });

  it('are not sent again once an answer has begun', async () => {
    const { clock, socketPath, forwarder } = await setUp();
    let requests = 0;
    await host(socketPath, (_, response) => {
      requests += 1;
      response.write('half', () => response.destroy());
    });
    const answer = await driven(clock, post(forwarder));
    await expect(answer.text()).rejects.toThrow();
    expect([requests, clock.pending()]).toEqual([1, 0]);
  });

  it("get an error of the kind that the model's clients know after five minutes", async () => {
    const { clock, forwarder } = await setUp();
    const started = clock.monotonic();
    const answer = await driven(clock, post(forwarder), 1000);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(clock.monotonic() - started).toBeGreaterThan(295_000);
    expect(clock.monotonic() - started).toBeLessThan(305_000);
  });

  it('are forgotten when the client leaves', async () => {
    const { clock, socketPath, forwarder } = await setUp();
    const abort = new AbortController();
    const left = post(forwarder, 'left', abort.signal);
    await waiting(clock);
    abort.abort();
    await expect(left).rejects.toThrow();
    const seen: string[] = [];
    await host(socketPath, async (request, response) => {
      seen.push(await bodyOf(request));
      response.end();
    });
    await driven(clock, post(forwarder, 'stayed'));
    await clock.advance(10_000);
    expect(seen).toEqual(['stayed']);
  });
});

describe('tunnels through the forwarder', () => {
  async function tunnelHost(socketPath: string, answer: string) {
    const server = await host(socketPath, () => {});
    server.on('connect', (request: IncomingMessage, socket: Duplex) => {
      socket.on('error', () => {});
      socket.write(answer.replace('AUTHORITY', request.url ?? ''));
      socket.pipe(socket);
    });
  }

  async function connect(forwarder: Forwarder) {
    const socket = net.connect(forwarder.port, '127.0.0.1');
    socket.write('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n');
    return { socket, first: once(socket, 'data').then(([data]) => String(data)) };
  }

  it('carry bytes both ways, once the host is there, to the last one', async () => {
    const { clock, socketPath, forwarder } = await setUp();
    const { socket, first } = await connect(forwarder);
    await waiting(clock);
    await tunnelHost(socketPath, 'HTTP/1.1 200 AUTHORITY\r\n\r\n');
    expect(await driven(clock, first)).toBe('HTTP/1.1 200 example.com:443\r\n\r\n');
    socket.end('last words');
    expect(String((await once(socket, 'data'))[0])).toBe('last words');
    await once(socket, 'close');
  });

  it('hand a refusal on as it is', async () => {
    const { clock, socketPath, forwarder } = await setUp();
    await tunnelHost(socketPath, 'HTTP/1.1 403 Forbidden\r\n\r\nnot AUTHORITY');
    const { socket, first } = await connect(forwarder);
    expect(await driven(clock, first)).toContain('403 Forbidden');
    socket.destroy();
  });

  it('hand over all that was said before the host left', async () => {
    const { socketPath, forwarder } = await setUp();
    const server = await host(socketPath, () => {});
    server.on('connect', (_, socket: Duplex) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.end(Buffer.alloc(3_000_000));
    });
    const { socket, first } = await connect(forwarder);
    let got = 0;
    socket.on('data', (chunk) => {
      got += chunk.length;
    });
    await first;
    await once(socket, 'close');
    expect(got).toBe(3_000_000 + 'HTTP/1.1 200 OK\r\n\r\n'.length);
  });

  it('end with a 502 when the host stays away', async () => {
    const { clock, forwarder } = await setUp(1000);
    const { first } = await connect(forwarder);
    expect(await driven(clock, first)).toContain('502');
  });
});
