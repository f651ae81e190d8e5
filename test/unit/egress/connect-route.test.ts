import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../fakes/clock.js';
import { createEcho, createHarness, tunnel } from './harness.js';

let echo: Awaited<ReturnType<typeof createEcho>>;
let stop = async () => {};
beforeEach(async () => {
  echo = await createEcho();
});
afterEach(async () => {
  await stop();
  for (const socket of echo.sockets) socket.destroy();
  echo.server.close();
});

const names = {
  'example.com': ['93.184.216.34'],
  'inside.example': ['10.0.0.7'],
  'rebind.example': ['1.1.1.1', '127.0.0.1'],
};

function setUp(options: Parameters<typeof createHarness>[0] = {}) {
  const harness = createHarness({ names, outside: echo.port, ...options });
  stop = harness.gateway.stop;
  return harness;
}

/** On a port that a list names any protocol may be spoken; 443 is for TLS (client-hello.test.ts). */
const PLAIN = { egress: ['example.com:7000'] };
const PLAIN_PLACE = 'example.com:7000';

describe('a tunnel', () => {
  it('goes to the address that was checked, carries bytes both ways and ends with either side', async () => {
    const { open, connected } = setUp();
    const { status, socket } = await tunnel(await open(PLAIN), PLAIN_PLACE);
    expect([status, connected]).toEqual([200, ['93.184.216.34:7000']]);
    socket.write('ping');
    expect(String((await once(socket, 'data'))[0])).toBe('ping');
    socket.end('last words');
    expect(String((await once(socket, 'data'))[0])).toBe('last words');
    await once(socket, 'close');
  });

  it.each([
    ['model', 'example.com:443', 403, 'egress-policy-model'],
    ['web', 'example.com:22', 403, 'egress-port'],
    ['web', 'inside.example:443', 403, 'egress-address'],
    ['web', 'rebind.example:443', 403, 'egress-address'],
    ['web', '169.254.169.254:443', 403, 'egress-address'],
    ['web', '2130706433:443', 403, 'egress-address'],
    ['web', '[::1]:443', 403, 'egress-address'],
    ['web', 'example.com', 400, 'egress-authority'],
    ['example.com', 'other.example:443', 403, 'egress-not-listed'],
    ['inside.example', 'inside.example:443', 403, 'egress-address'],
  ])('under %s is not opened to %s', async (policy, authority, status, reason) => {
    const { open, audit, connected } = setUp();
    const egress = policy === 'model' || policy === 'web' ? policy : [policy];
    const answer = await tunnel(await open({ egress }), authority);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(reason)]);
    expect(audit).toMatchObject([{ subject: `CONNECT ${authority}`, detail: { reason } }]);
    expect(connected).toEqual([]);
  });

  it('that leads nowhere is no breach', async () => {
    const { open, audit } = setUp({ outside: 9 });
    const socket = await open({ egress: 'web' });
    expect((await tunnel(socket, 'example.com:443')).status).toBe(502);
    expect((await tunnel(socket, 'unknown.example:443')).status).toBe(502);
    expect(audit).toEqual([]);
  });

  it('tries the next address when one does not answer', async () => {
    const clock = createFakeClock();
    const { open, connected } = setUp({
      clock,
      names: { 'two.example': ['1.1.1.1', '93.184.216.34'] },
      outside: 9,
    });
    expect((await tunnel(await open({ egress: 'web' }), 'two.example:443')).status).toBe(502);
    expect(connected).toEqual(['1.1.1.1:443', '93.184.216.34:443']);
  });

  it('hands over all that was said before one side left', async () => {
    const { open } = setUp();
    const { socket } = await tunnel(await open(PLAIN), PLAIN_PLACE);
    echo.sockets[0]?.end(Buffer.alloc(3_000_000));
    let got = 0;
    socket.on('data', (chunk) => {
      got += chunk.length;
    });
    await once(socket, 'close');
    expect(got).toBe(3_000_000);
  });

  it('is one of few', async () => {
    const { open } = setUp({ limits: { tunnels: 1 } });
    const socket = await open(PLAIN);
    const first = await tunnel(socket, PLAIN_PLACE);
    expect((await tunnel(socket, PLAIN_PLACE)).status).toBe(429);
    first.socket.destroy();
    const [far] = echo.sockets;
    if (far && !far.closed) await once(far, 'close');
    expect((await tunnel(socket, PLAIN_PLACE)).status).toBe(200);
  });

  it('ends when nothing has passed for long', async () => {
    const clock = createFakeClock();
    const { open } = setUp({ clock, limits: { tunnelIdle: 1000 } });
    const { socket } = await tunnel(await open(PLAIN), PLAIN_PLACE);
    await clock.advance(600);
    socket.write('x');
    await once(socket, 'data');
    await clock.advance(900);
    socket.write('still here');
    expect(String((await once(socket, 'data'))[0])).toBe('still here');
    const closed = once(socket, 'close');
    await clock.advance(1000);
    await closed;
  });

  it("ends when the hour's bytes are used up, and opens again in the next hour", async () => {
    const clock = createFakeClock();
    const { open } = setUp({ clock, limits: { tunnelBytesPerHour: 10, tunnelIdle: 10_000_000 } });
    const path = await open(PLAIN);
    const { socket } = await tunnel(path, PLAIN_PLACE);
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    socket.write('more than ten bytes');
    await closed;
    expect((await tunnel(path, PLAIN_PLACE)).status).toBe(429);
    await clock.advance(3_600_000);
    expect((await tunnel(path, PLAIN_PLACE)).status).toBe(200);
  });

  it('does not keep the gateway from stopping', async () => {
    const { open, gateway } = setUp();
    const { socket } = await tunnel(await open(PLAIN), PLAIN_PLACE);
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await gateway.stop();
    await closed;
  });
});
