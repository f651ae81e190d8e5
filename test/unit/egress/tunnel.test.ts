import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestAuthority } from '../../fakes/onecli/x509.js';
import { createEcho, createHarness, createListener, tunnel } from './harness.js';
import { hello, helloOf, serverName } from './hello.js';

const NAMES = { 'example.com': ['93.184.216.34'] };

describe('a tunnel', () => {
  let stop = async () => {};
  let echo: Awaited<ReturnType<typeof createEcho>>;
  beforeEach(async () => {
    echo = await createEcho();
  });
  afterEach(async () => {
    await stop();
    for (const socket of echo.sockets) socket.destroy();
    echo.server.close();
  });
  const setUp = (options: Parameters<typeof createHarness>[0] = {}) => {
    const harness = createHarness({ names: NAMES, outside: echo.port, ...options });
    stop = harness.gateway.stop;
    return harness;
  };

  it('carries a handshake in which the server asks for a second hello', async () => {
    const authority = createTestAuthority();
    // The client begins with a curve that the server does not have.
    const site = tls.createServer({ ...authority.issue('example.com'), ecdhCurve: 'P-384' }, (socket) =>
      socket.on('error', () => {}).end('the site'),
    );
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    const address = site.address();
    const listener = await createListener(typeof address === 'object' && address ? address.port : 0);
    const { open, audit } = setUp({ outside: listener.port });
    const { socket } = await tunnel(await open({ egress: 'web' }), 'example.com:443');
    const options = { servername: 'example.com', ecdhCurve: 'X25519:P-384', ca: authority.ca };
    let said = '';
    for await (const chunk of tls.connect({ socket, ...options })) said += String(chunk);
    const names = Buffer.concat(listener.heard)
      .toString('latin1')
      .match(/example\.com/g);
    expect([said, names?.length, audit]).toEqual(['the site', 2, []]);
    site.close();
    listener.server.close();
  });

  it('passes on no second hello for another name, whether or not it was asked for', async () => {
    const { open, audit } = setUp();
    const { socket } = await tunnel(await open({ egress: 'web' }), 'example.com:443');
    const [good, evil] = [hello(serverName('example.com')), hello(serverName('other.example'))];
    socket.write(Buffer.concat([good, evil]));
    const closed = new Promise((resolve) => socket.resume().once('close', resolve));
    await closed;
    expect(echo.sockets[0]?.bytesRead).toBeLessThanOrEqual(good.length);
    expect(audit).toMatchObject([
      { subject: 'CONNECT example.com:443', detail: { reason: 'egress-tls-name', what: '"other.example"' } },
    ]);
  });

  it('looks at what comes with the request for it, too', async () => {
    const { open, audit } = setUp();
    const socket = net.connect(await open({ egress: 'web' }));
    const ask = Buffer.from('CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n');
    const closed = new Promise((resolve) => socket.resume().once('close', resolve));
    socket.write(Buffer.concat([ask, await helloOf({ servername: 'other.example' })]));
    await closed;
    expect(audit).toMatchObject([{ detail: { reason: 'egress-tls-name' } }]);
    expect(echo.sockets[0]?.bytesRead).toBe(0);
  });

  it('that the policy ends is recorded', async () => {
    const { open, audit } = setUp();
    const { socket } = await tunnel(await open({ egress: ['example.com:22'] }), 'example.com:22');
    const closed = new Promise((resolve) => socket.resume().once('close', resolve));
    await open({ egress: 'model' });
    await closed;
    expect(audit).toMatchObject([
      { subject: 'CONNECT example.com:22', detail: { reason: 'egress-tightened' } },
    ]);
  });

  it('does not outlive a policy that changed while it was being opened', async () => {
    let found = (_: string[]) => {};
    const { open, audit } = setUp({
      network: {
        resolve: () => new Promise((resolve) => (found = resolve)),
        connect: () => net.connect({ host: '127.0.0.1', port: echo.port }),
        ownSubnets: () => [],
      },
    });
    const door = await open({ egress: ['example.com:22'] });
    const opening = tunnel(door, 'example.com:22');
    const none = found;
    while (found === none) await new Promise((resolve) => setImmediate(resolve));
    await open({ egress: ['other.example:22'] });
    found(['93.184.216.34']);
    const { status, text } = await opening;
    expect([status, text]).toEqual([403, expect.stringContaining('egress-tightened')]);
    expect(audit).toMatchObject([{ detail: { reason: 'egress-tightened' } }]);
  });
});
