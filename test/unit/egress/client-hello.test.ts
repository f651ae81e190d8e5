import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readClientHello } from '../../../src/egress/client-hello.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createTestAuthority } from '../../fakes/onecli/x509.js';
import { createHarness, createListener, tunnel } from './harness.js';
import { helloOf } from './hello.js';

const authority = createTestAuthority();
const names = { 'example.com': ['93.184.216.34'], 'other.example': ['93.184.216.34'] };

/** The same hello with one more extension. */
function withExtension(hello: Buffer, type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  const longer = Buffer.concat([hello, head, body]);
  const added = 4 + body.length;
  longer.writeUInt16BE(longer.readUInt16BE(3) + added, 3);
  longer.writeUIntBE(longer.readUIntBE(6, 3) + added, 6, 3);
  const ids = 5 + 4 + 2 + 32;
  const ciphers = ids + 1 + longer.readUInt8(ids);
  const methods = ciphers + 2 + longer.readUInt16BE(ciphers);
  const extensions = methods + 1 + longer.readUInt8(methods);
  longer.writeUInt16BE(longer.readUInt16BE(extensions) + added, extensions);
  return longer;
}

/** The same handshake, cut into records of so many bytes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    const head = Buffer.from([0x16, 3, 1, 0, 0]);
    head.writeUInt16BE(part.length, 3);
    records.push(head, part);
  }
  return Buffer.concat(records);
}

describe('reading a hello', () => {
  it('finds the name that a real client asks for, of both versions, and none where it asks for none', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const hello = await helloOf({ servername: 'Example.com', maxVersion });
      expect(readClientHello(hello)).toEqual({ kind: 'hello', serverName: 'Example.com', hidden: false });
    }
    expect(readClientHello(await helloOf({ host: '127.0.0.1' }))).toMatchObject({ serverName: null });
  });

  it('waits for as much as it needs, and no more', async () => {
    const hello = await helloOf({ servername: 'example.com' });
    for (let length = 0; length < hello.length; length += 1) {
      expect(readClientHello(hello.subarray(0, length))).toEqual({ kind: 'more' });
    }
    expect(readClientHello(Buffer.concat([hello, Buffer.from('what follows')]))).toMatchObject({
      kind: 'hello',
    });
  });

  it('sees what hides a name, and what nobody sends', async () => {
    const hello = await helloOf({ servername: 'example.com' });
    const second = Buffer.from('\0\x0e\0\0\x0bother.names');
    expect(readClientHello(withExtension(hello, 0xfe0d, Buffer.alloc(40)))).toMatchObject({ hidden: true });
    expect(readClientHello(withExtension(hello, 0xffce, Buffer.alloc(40)))).toMatchObject({ hidden: true });
    expect(readClientHello(withExtension(hello, 0, second))).toEqual({ kind: 'odd' });
    const twice = Buffer.concat([Buffer.from([0x16, 3, 1, 0, 0]), hello.subarray(5), hello.subarray(5)]);
    twice.writeUInt16BE(twice.length - 5, 3);
    expect(readClientHello(twice)).toEqual({ kind: 'odd' });
    expect(readClientHello(inRecords(hello, 50))).toEqual({ kind: 'odd' });
    expect(readClientHello(inRecords(hello, hello.length - 6))).toEqual({ kind: 'odd' });
    for (const said of ['GET / HTTP/1.1\r\n\r\n', 'SSH-2.0-OpenSSH_9.2\r\n', '\x16GET', '\0']) {
      expect(readClientHello(Buffer.from(said, 'latin1'))).toEqual({ kind: 'not-tls' });
    }
  });

  it('never throws and never waits for more than a record, whatever it is given', async () => {
    const hello = await helloOf({ servername: 'example.com' });
    const kinds = ['more', 'not-tls', 'odd', 'hello'];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(hello);
        for (const [at, value] of changes) bytes[at] = value;
        expect(kinds).toContain(readClientHello(bytes).kind);
        const filled = Buffer.concat([bytes, Buffer.alloc(20_000)]);
        expect(kinds.slice(1)).toContain(readClientHello(filled).kind);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(kinds).toContain(readClientHello(Buffer.from([0x16, 3, 1, 0, 100, ...bytes])).kind);
      }),
    );
  });
});

describe('a tunnel to port 443', () => {
  let stop = async () => {};
  let site: tls.Server;
  let listener: Awaited<ReturnType<typeof createListener>>;
  beforeEach(async () => {
    const { cert, key } = authority.issue('example.com');
    site = tls.createServer({ cert, key }, (socket) => socket.on('error', () => {}).end('the site'));
    site.on('tlsClientError', () => {});
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    const address = site.address();
    listener = await createListener(typeof address === 'object' && address ? address.port : 0);
  });
  afterEach(async () => {
    await stop();
    site.close();
    listener.server.close();
  });

  function setUp(options: Parameters<typeof createHarness>[0] = {}) {
    const harness = createHarness({ names, outside: listener.port, ...options });
    stop = harness.gateway.stop;
    return harness;
  }

  /** Everything that the other side says until it leaves. */
  async function all(socket: NodeJS.ReadableStream): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }

  it('carries the handshake for the name that was allowed, however it is cut into packets', async () => {
    const { open, audit } = setUp();
    const door = await open({ egress: 'web' });
    const { socket } = await tunnel(door, 'example.com:443');
    const secure = tls.connect({ socket, servername: 'EXAMPLE.com', ca: authority.ca });
    expect(String(await all(secure))).toBe('the site');
    const { socket: slow } = await tunnel(door, 'EXAMPLE.COM.:443');
    for (const byte of await helloOf({ servername: 'example.com' })) slow.write(Buffer.from([byte]));
    expect((await once(slow, 'data'))[0][0]).toBe(0x16);
    expect(listener.heard.length).toBeGreaterThan(1);
    expect(audit).toEqual([]);
  });

  it.each<[string, string, () => Promise<Buffer>]>([
    ['egress-tls-name', 'another name', () => helloOf({ servername: 'other.example' })],
    ['egress-tls-name', 'no name', () => helloOf({ host: '127.0.0.1' })],
    ['egress-tls-name', 'a name below it', () => helloOf({ servername: 'a.example.com' })],
    [
      'egress-tls-hidden',
      'an encrypted one beside it',
      async () => withExtension(await helloOf({ servername: 'example.com' }), 0xfe0d, Buffer.alloc(9)),
    ],
    [
      'egress-tls-odd',
      'two records',
      async () => inRecords(await helloOf({ servername: 'example.com' }), 60),
    ],
    [
      'egress-not-tls',
      'plain HTTP',
      async () => Buffer.from('GET / HTTP/1.1\r\nhost: other.example\r\n\r\n'),
    ],
  ])('%s: %s is refused and named, and nothing of it is passed on', async (reason, _, words) => {
    const { open, audit } = setUp();
    const { socket, status } = await tunnel(await open({ egress: 'web' }), 'example.com:443');
    expect(status).toBe(200);
    socket.write(await words());
    // A fatal alert, access_denied.
    expect([...(await all(socket))]).toEqual([0x15, 3, 3, 0, 2, 2, 49]);
    expect(audit).toMatchObject([{ subject: 'CONNECT example.com:443', detail: { reason } }]);
    expect(listener.heard).toEqual([]);
  });

  it('to an address is for clients that name none, or it', async () => {
    const { open, audit } = setUp();
    const door = await open({ egress: ['93.184.216.34'] });
    const plain = await tunnel(door, '93.184.216.34:443');
    plain.socket.write(await helloOf({ host: '127.0.0.1' }));
    expect((await once(plain.socket, 'data'))[0][0]).toBe(0x16);
    const named = await tunnel(door, '93.184.216.34:443');
    named.socket.write(await helloOf({ servername: 'other.example' }));
    await all(named.socket);
    expect(audit).toMatchObject([{ detail: { reason: 'egress-tls-name' } }]);
  });

  it('holds to it on a port that a list names, where TLS is spoken', async () => {
    const { open, audit } = setUp();
    const { socket } = await tunnel(await open({ egress: ['example.com:8443'] }), 'example.com:8443');
    socket.write(await helloOf({ servername: 'other.example' }));
    await all(socket);
    expect(audit).toMatchObject([{ detail: { reason: 'egress-tls-name' } }]);
  });

  it('ends where nothing is said', async () => {
    const clock = createFakeClock();
    const { open, audit } = setUp({ clock, limits: { helloTimeout: 1_000 } });
    const { socket } = await tunnel(await open({ egress: 'web' }), 'example.com:443');
    socket.write(Buffer.from([0x16, 3, 1]));
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await clock.advance(1_000);
    await closed;
    expect(audit).toEqual([]);
  });
});

describe('a tunnel under a policy that changes', () => {
  it('ends where the new one would not open it, and goes on where it would', async () => {
    const echo = net.createServer((socket) => socket.on('error', () => {}).pipe(socket));
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const address = echo.address();
    const harness = createHarness({
      names,
      outside: typeof address === 'object' && address ? address.port : 0,
    });
    const wide = ['example.com:7000', 'other.example:7000', '10.0.0.5:443'];
    const door = await harness.open({ egress: wide });
    const speak = async (place: string) => {
      const { socket } = await tunnel(door, place);
      socket.on('error', () => {});
      socket.write('x');
      await once(socket, 'data');
      return socket;
    };
    const [kept, dropped] = [await speak('example.com:7000'), await speak('other.example:7000')];
    const ended = once(dropped, 'close');
    await harness.open({ egress: ['example.com:7000'] });
    await ended;
    kept.write('still');
    expect(String((await once(kept, 'data'))[0])).toBe('still');
    const last = once(kept, 'close');
    await harness.open({ egress: 'model' });
    await last;
    await harness.gateway.stop();
    echo.close();
  });

  it('carries a protocol in which the server speaks first, on a port that a list names', async () => {
    const greeting = net.createServer((socket) => socket.on('error', () => {}).write('SSH-2.0-there'));
    greeting.listen(0, '127.0.0.1');
    await once(greeting, 'listening');
    const address = greeting.address();
    const harness = createHarness({
      names,
      outside: typeof address === 'object' && address ? address.port : 0,
    });
    const { socket, text } = await tunnel(
      await harness.open({ egress: ['example.com:22'] }),
      'example.com:22',
    );
    // It may come with the answer to CONNECT, or behind it.
    const said = text.endsWith('SSH-2.0-there') ? text : String((await once(socket, 'data'))[0]);
    expect(said).toMatch(/SSH-2.0-there$/);
    socket.destroy();
    await harness.gateway.stop();
    greeting.close();
  });
});
