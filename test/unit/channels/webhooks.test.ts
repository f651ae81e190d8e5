import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createWebhooks,
  type WebhookLimits,
  type WebhookServer,
  webhookPath,
} from '../../../src/channels/webhooks/index.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createMemoryLog } from '../../fakes/log.js';

const clock = createFakeClock();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function serve(limits: Partial<WebhookLimits> = {}, port = 0) {
  const { log, lines } = createMemoryLog('trace');
  const server = createWebhooks({ host: '127.0.0.1', port, log, clock, limits });
  return { server, lines };
}

async function opened(
  server: WebhookServer,
  type: string,
  handle: (request: Request) => Promise<Response> = async () => new Response('ok'),
) {
  const route = await server.open(type, handle);
  closing.push(() => route.close());
  return route;
}

const ask = (server: WebhookServer, path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${server.port()}${path}`, init);

/** A handler that lets its requests wait; each is told when it has come. */
function gate() {
  const waiting: (() => void)[] = [];
  let come = () => {};
  return {
    waiting,
    next: () =>
      new Promise<void>((resolve) => {
        come = resolve;
      }),
    handle: () =>
      new Promise<Response>((resolve) => {
        waiting.push(() => resolve(new Response('late')));
        come();
      }),
  };
}

describe('what arrives', () => {
  test('a request is handed on as it came: method, query, headers, bytes', async () => {
    const { server } = serve();
    const seen: unknown[] = [];
    await opened(server, 'slack', async (request) => {
      const { search } = new URL(request.url);
      seen.push([request.method, search, request.headers.get('x-sign'), await request.clone().text()]);
      expect(request).toBeInstanceOf(Request);
      return Response.json({ text: await request.text() }, { status: 202, headers: { 'x-by': 'us' } });
    });
    const body = 'é\u0000{"a":  1}';
    const answer = await ask(server, '/webhooks/slack?b=1', {
      method: 'POST',
      body,
      headers: { 'X-Sign': 'v0' },
    });
    expect([answer.status, answer.headers.get('x-by'), await answer.json()]).toEqual([
      202,
      'us',
      { text: body },
    ]);
    await ask(server, '/webhooks/slack?hub.challenge=7');
    expect(seen).toEqual([
      ['POST', '?b=1', 'v0', body],
      ['GET', '?hub.challenge=7', null, ''],
    ]);
  });

  test('each channel has its own path; all others are not found', async () => {
    const { server } = serve();
    await opened(server, 'github', async () => new Response('github'));
    await opened(server, 'linear', async () => new Response('linear'));
    for (const type of ['github', 'linear']) {
      expect(await (await ask(server, webhookPath(type), { method: 'POST', body: '{}' })).text()).toBe(type);
    }
    for (const path of ['/', '/webhooks', '/webhooks/slack', '/webhooks/github/x', '/webhooks/__proto__']) {
      expect((await ask(server, path, { method: 'POST', body: '{}' })).status).toBe(404);
    }
    expect((await ask(server, '/webhooks/github', { method: 'DELETE' })).status).toBe(404);
    expect(await (await ask(server, '/health')).json()).toEqual({ status: 'ok' });
  });

  test('a handler that fails is 500, and neither its words nor the query are told', async () => {
    const { server, lines } = serve();
    await opened(server, 'slack', async () => {
      throw new Error('the disk is full');
    });
    const answer = await ask(server, '/webhooks/slack?token=secret', { method: 'POST', body: 'secret' });
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    expect(JSON.stringify(lines)).toContain('the disk is full');
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

describe('bounds', () => {
  test('a body that is too long is refused, with its length told and without', async () => {
    const { server } = serve({ body: 100 });
    let asked = 0;
    await opened(server, 'slack', async () => {
      asked += 1;
      return new Response();
    });
    const send = (body: string | ReadableStream) =>
      ask(server, '/webhooks/slack', { method: 'POST', body, duplex: 'half' } as RequestInit);
    const chunks = () =>
      new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(60));
        },
      });
    expect((await send('x'.repeat(101))).status).toBe(413);
    expect((await send(chunks())).status).toBe(413);
    expect(asked).toBe(0);
    expect((await send('x'.repeat(100))).status).toBe(200);
  });

  test('more requests at once than a channel may have are sent away, and other channels not', async () => {
    const { server } = serve({ atOnce: 2 });
    const { handle, next, waiting } = gate();
    await opened(server, 'slack', handle);
    await opened(server, 'github');
    const answers: Promise<Response>[] = [];
    for (let count = 0; count < 2; count += 1) {
      const come = next();
      answers.push(ask(server, '/webhooks/slack', { method: 'POST', body: '{}' }));
      await come;
    }
    const refused = await ask(server, '/webhooks/slack', { method: 'POST', body: '{}' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    expect((await ask(server, '/webhooks/github', { method: 'POST', body: '{}' })).status).toBe(200);
    for (const go of waiting) go();
    expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual([200, 200]);
  });

  test('work that hangs keeps no place for ever', async () => {
    const { server } = serve({ atOnce: 1, answerMs: 5000 });
    const { handle, next } = gate();
    await opened(server, 'slack', handle);
    const come = next();
    const answer = ask(server, '/webhooks/slack', { method: 'POST', body: '{}' });
    await come;
    await clock.advance(5000);
    expect((await answer).status).toBe(503);
  });

  test.each([
    ['a head', 'POST /webhooks/slack HTTP/1.1\r\nHost: here\r\n'],
    ['a body', 'POST /webhooks/slack HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n{'],
  ])('%s that does not come to its end is cut off', async (_, beginning) => {
    const { server } = serve({ headersMs: 50, requestMs: 100 });
    await opened(server, 'slack');
    const socket: Socket = connect(server.port() ?? 0, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume().write(beginning);
    await once(socket, 'close');
  });
});

describe('starting and stopping', () => {
  test('it listens while a channel needs it, and again when one needs it again', async () => {
    const { server } = serve();
    expect(server.port()).toBeNull();
    const [one, two] = await Promise.all([opened(server, 'slack'), opened(server, 'github')]);
    const port = server.port();
    expect(port).not.toBeNull();
    await one.close();
    expect(server.port()).toBe(port);
    expect((await ask(server, '/webhooks/slack')).status).toBe(404);
    const [, again] = await Promise.all([two.close(), opened(server, 'slack')]);
    expect((await ask(server, '/webhooks/slack')).status).toBe(200);
    await again.close();
    expect(server.port()).toBeNull();
  });

  test('a port that is taken is named with its setting, and taken later when it is free', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { server } = serve({}, port);
    await expect(server.open('slack', async () => new Response())).rejects.toMatchObject({
      code: 'webhook-port-taken',
      message: expect.stringContaining(String(port)),
      fix: expect.stringContaining('WHARFIE_WEBHOOK_PORT'),
    });
    await new Promise((resolve) => blocker.close(resolve));
    await opened(server, 'slack');
    expect(server.port()).toBe(port);
  });

  test('a stop lets requests in flight end, takes no new one, and does not wait for ever', async () => {
    const { server } = serve();
    const { handle, next, waiting } = gate();
    const route = await server.open('slack', handle);
    await opened(server, 'github');
    const come = next();
    const answer = ask(server, '/webhooks/slack', { method: 'POST', body: '{}' });
    await come;
    const closed = route.close();
    expect((await ask(server, '/webhooks/slack')).status).toBe(503);
    for (const go of waiting) go();
    expect(await (await answer).text()).toBe('late');
    await closed;

    const stuck = await server.open('slack', handle);
    const arrived = next();
    const hanging = ask(server, '/webhooks/slack', { method: 'POST', body: '{}' });
    await arrived;
    const ended = stuck.close();
    await clock.advance(10_000);
    await ended;
    for (const go of waiting) go();
    await hanging;
  });
});
