import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { CredentialError } from '../../../src/credentials/types.js';
import { createMessagesApi, type MessagesApi, type Script } from '../../fakes/messages-api.js';
import { call, createHarness, HELLO, REAL_KEY } from './harness.js';

let api: MessagesApi;
let stop: () => Promise<void>;
afterEach(async () => {
  await stop();
  await api.close();
});

async function setUp(script: Script, options: Parameters<typeof createHarness>[0] = {}, path = '') {
  api = await createMessagesApi(script);
  const harness = createHarness({ upstream: api.url + path, ...options });
  stop = harness.gateway.stop;
  return harness;
}

describe('the model route', () => {
  it('passes a request and streams its answer, with our credential in place of any of theirs', async () => {
    const { open, refused, audit } = await setUp([{ text: ['Hel', 'lo'] }]);
    const theirs = {
      'x-api-key': 'placeholder',
      authorization: 'Bearer stolen',
      'proxy-authorization': 'Basic x',
      cookie: 'a=b',
      'x-goog-api-key': 'y',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'effort-2025-11-24, one,two-2030-01-01',
      'x-stainless-lang': 'js',
      'x-forwarded-for': '1.2.3.4',
    };
    const answer = await call(await open(), {
      headers: theirs,
      body: { model: 'm', stream: true, messages: HELLO },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('event-stream');
    expect(answer.text).toContain('"text":"lo"');
    const { path, headers } = api.calls[0] ?? {};
    expect(path).toBe('/v1/messages?beta=true');
    expect(headers).toMatchObject({
      'x-api-key': REAL_KEY,
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'effort-2025-11-24,oauth-test',
      'x-stainless-lang': 'js',
    });
    for (const name of [
      'authorization',
      'proxy-authorization',
      'cookie',
      'x-goog-api-key',
      'x-forwarded-for',
    ]) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(refused).toEqual([false]);
    expect(audit.map(({ subject, detail }) => [subject, detail.reason])).toEqual([
      ['anthropic-beta: one', 'egress-beta'],
      ['anthropic-beta: two-2030-01-01', 'egress-beta'],
    ]);
  });

  it('streams: what has been said arrives before the answer is whole', async () => {
    let goOn = () => {};
    const held = new Promise<string>((resolve) => {
      goOn = () => resolve('second');
    });
    const { open } = await setUp([{ text: ['first', held] }]);
    const outgoing = request({ socketPath: await open(), method: 'POST', path: '/v1/messages' });
    outgoing.end(JSON.stringify({ stream: true, messages: HELLO }));
    let text = '';
    await new Promise<void>((resolve) => {
      outgoing.on('response', (answer) => {
        answer.on('data', (chunk) => {
          text += String(chunk);
          if (text.includes('first')) goOn();
        });
        answer.on('end', resolve);
      });
    });
    expect(text).toContain('second');
  });

  it('serves a base address with a path of its own, and counts tokens', async () => {
    const { open } = await setUp(['x'], {}, '/llm/');
    await call(await open(), { path: '/v1/messages/count_tokens?beta=false&x=y' });
    expect(api.seen.map(({ path }) => path)).toEqual(['/llm/v1/messages/count_tokens']);
  });

  it.each([
    ['GET', '/v1/messages', 404, 'egress-path'],
    ['POST', '/v1/files', 404, 'egress-path'],
    ['POST', '/v1/messages/../files', 404, 'egress-path'],
    ['POST', '/v1/messages/batches', 404, 'egress-path'],
    ['POST', '/v1/messages%2f..%2ffiles', 404, 'egress-path'],
    ['POST', '//evil.example/v1/messages', 404, 'egress-path'],
    ['GET', 'http://evil.example/', 403, 'egress-plain-http'],
    ['POST', 'https://evil.example/v1/messages', 403, 'egress-plain-http'],
    ['OPTIONS', '*', 403, 'egress-plain-http'],
  ])('%s %s is refused and audited', async (method, path, status, reason) => {
    const { open, audit } = await setUp([]);
    const answer = await call(await open(), { method, path, body: '' });
    expect([answer.status, JSON.parse(answer.text).error.message]).toEqual([
      status,
      expect.stringContaining(reason),
    ]);
    expect(audit).toEqual([
      {
        actor: 'egress',
        action: 'egress.denied',
        subject: `${method} ${path}`,
        detail: { agentGroup: 'ag_1', session: 'ses_1', reason, repeated: 0 },
      },
    ]);
    expect(api.seen).toEqual([]);
  });

  it.each([
    ['mcp_servers', { mcp_servers: [{ url: 'https://evil.example' }] }, 403],
    ['no JSON', '{"messages":', 400],
    ['text in another encoding', Buffer.from('{"a":"\xff"}', 'latin1'), 400],
  ])('a body with %s does not reach the API', async (_, body, status) => {
    const { open, audit } = await setUp([]);
    expect((await call(await open(), { body })).status).toBe(status);
    expect(audit).toHaveLength(1);
    expect(api.seen).toEqual([]);
  });

  it('names what it does not know as the API names what it does not take, and records it once', async () => {
    const { open, audit } = await setUp([]);
    const socket = await open();
    const body = { model: 'm', messages: HELLO, teleport: 'x' };
    for (const path of ['/v1/messages', '/v1/messages', '/v1/messages/count_tokens']) {
      const answer = await call(socket, { path, body });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        400,
        {
          type: 'error',
          error: {
            type: 'invalid_request_error',
            message:
              '[wharfie] egress-unknown: This version does not know the field "teleport", so it does not pass it on.',
          },
        },
      ]);
      expect(answer.headers['x-should-retry']).toBe('false');
    }
    expect(audit.map(({ subject, detail }) => [subject, detail.reason, detail.what])).toEqual([
      ['POST /v1/messages', 'egress-unknown', 'the field "teleport"'],
      ['POST /v1/messages/count_tokens', 'egress-unknown', 'the field "teleport"'],
    ]);
    expect(api.seen).toEqual([]);
  });

  it('does not look into compressed bodies, so it does not take them', async () => {
    const { open } = await setUp([]);
    const answer = await call(await open(), {
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync('{}'),
    });
    expect(answer.status).toBe(415);
  });

  it('lets nothing out under a list either, and all that is known under web, which has the network anyhow', async () => {
    const { open } = await setUp(['fine']);
    const body = { messages: HELLO, tools: [{ type: 'web_fetch_20250910' }] };
    expect((await call(await open({ egress: ['example.com'] }), { body })).status).toBe(403);
    expect((await call(await open({ egress: 'model', serverTools: ['web_fetch'] }), { body })).status).toBe(
      200,
    );
    api.setScript(['fine']);
    const web = await open({ egress: 'web' });
    expect((await call(web, { body })).status).toBe(200);
    expect((await call(web, { body: { ...body, teleport: 1 } })).status).toBe(400);
  });

  it('bounds a body whether its length is told or not, and says so', async () => {
    const { open } = await setUp([], { limits: { body: 1000 } });
    const socket = await open();
    const body = `"${'x'.repeat(100_000)}"`;
    expect((await call(socket, { body })).status).toBe(413);
    expect((await call(socket, { body, headers: { 'transfer-encoding': 'chunked' } })).status).toBe(413);
    expect(api.seen).toEqual([]);
  });

  it('tells of a refused key once it is refused, and never of a 403 or an outage', async () => {
    const { open, refused } = await setUp([
      { status: 401 },
      { status: 403 },
      { status: 529 },
      { status: 429, headers: { 'retry-after': '9', 'set-cookie': 'x=y' } },
    ]);
    const socket = await open();
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await call(socket)).status);
    const limited = await call(socket);
    expect([...statuses, limited.status]).toEqual([401, 403, 529, 429]);
    expect(limited.headers['retry-after']).toBe('9');
    expect(limited.headers).not.toHaveProperty('set-cookie');
    expect(refused).toEqual([true, false]);
  });

  it.each([
    ['credential-missing', 401, 'authentication_error'],
    ['onecli-unreachable', 503, 'overloaded_error'],
  ])('answers %s with %i', async (code, status, type) => {
    const { open, credentials } = await setUp([]);
    credentials.modelUpstream = async () => {
      throw new CredentialError(code, 'A sentence.', 'A cure.');
    };
    const answer = await call(await open());
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([
      status,
      { type, message: `[wharfie] ${code}: A sentence.` },
    ]);
  });

  it('says that the API is not reached, and keeps the key out of answers and logs', async () => {
    const { open, lines } = await setUp([], { upstream: 'http://127.0.0.1:9' });
    const answer = await call(await open());
    expect([answer.status, answer.headers['x-should-retry']]).toEqual([502, 'true']);
    expect(lines.join('') + answer.text).not.toContain(REAL_KEY);
  });

  it('cuts what the API cut, and leaves the API when the client leaves', async () => {
    const { open } = await setUp([{ broken: 'cut', text: 'half' }, { broken: 'silence' }]);
    const socket = await open();
    await expect(call(socket, { body: { stream: true, messages: HELLO } })).rejects.toThrow();
    const outgoing = request({ socketPath: socket, method: 'POST', path: '/v1/messages' }).on(
      'error',
      () => {},
    );
    outgoing.end(JSON.stringify({ messages: HELLO }));
    await api.callsReach(2);
    outgoing.destroy();
    await api.ended(1);
  });
});
