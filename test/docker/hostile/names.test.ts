import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { helloOf } from '../../unit/egress/hello.js';
import { createHostileWorld, type HostileWorld } from './world.js';

const PUBLIC = '93.184.216.34';
const OWN =
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '10.9.8.7';

/** What a server of names that means ill gives, look-up by look-up. */
const names: Record<string, string[][]> = {
  'ten.example': [['10.0.0.1']],
  'lan.example': [['192.168.1.1']],
  'loop.example': [['127.0.0.1']],
  'meta.example': [['169.254.169.254']],
  'azure.example': [['168.63.129.16']],
  'six.example': [['::1']],
  'mapped.example': [['::ffff:10.0.0.1']],
  'nat64.example': [['64:ff9b::a00:1']],
  'ula.example': [['fd00::1']],
  'zero.example': [['0.0.0.0']],
  'own.example': [[OWN]],
  'mixed.example': [[PUBLIC, '127.0.0.1']],
  'fine.example': [[PUBLIC]],
  'rebind.example': [[PUBLIC], ['127.0.0.1']],
  'flip.example': [['127.0.0.1'], [PUBLIC]],
};

let world: HostileWorld;
let far: Server;
/** Connections that came to the one public machine. */
let arrived = 0;

beforeAll(async () => {
  far = createServer((socket) => {
    arrived += 1;
    socket.on('error', () => {});
    // As a machine that speaks TLS: after the client.
    socket.once('data', () => socket.end('the public machine'));
  }).listen(0, '127.0.0.1');
  await once(far, 'listening');
  const address = far.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  world = await createHostileWorld({
    agents: { webber: { egress: 'web' }, lister: { egress: Object.keys(names) } },
    env: {
      NODE_OPTIONS: `--import ${fileURLToPath(new URL('../resolver.mjs', import.meta.url))}`,
      WHARFIE_TEST_NAMES: JSON.stringify(names),
      WHARFIE_TEST_ROUTES: JSON.stringify({ [PUBLIC]: port }),
    },
  });
});
afterAll(async () => {
  await world.close();
  far.close();
});

/** Asks for a tunnel, and begins the handshake for `asked` in it. */
async function connect(agent: string, name: string, asked = name): Promise<string> {
  const hello = (await helloOf({ servername: asked })).toString('base64');
  return world
    .agent(agent)
    .runs<string>(
      `const head = 'CONNECT ${name}:443 HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n';
       return door(Buffer.concat([Buffer.from(head), Buffer.from('${hello}', 'base64')]));`,
    )
    .then((answer) => answer.replace(/\r\n[\s\S]*?(\[wharfie\]|\r\n\r\n)/, ' ').trim());
}

const inside = Object.keys(names).filter((name) => !/^(fine|rebind|flip)/.test(name));

it.each(inside)('tunnels to %s, which resolves to an address inside', (name) => {
  const address =
    name === 'own.example' ? 'an address of the host itself' : names[name]?.flat().join(' and ');
  return world.tries(`CONNECT ${name}, which is ${address} (web, list)`, async () => {
    const before = arrived;
    for (const agent of ['webber', 'lister']) {
      const got = await connect(agent, name);
      expect(got).toMatch(/^HTTP\/1\.1 403/);
      expect(got).toContain('egress-address');
    }
    expect(arrived).toBe(before);
    return '403 egress-address';
  });
});

it('a public name is reached, at the address that was looked at', () =>
  world.tries('CONNECT to a public name (web), to see that refusing is not all that it does', async () => {
    expect(await connect('webber', 'fine.example')).toMatch(/^HTTP\/1\.1 200[\s\S]*the public machine$/);
    return '200, at the address that was checked';
  }));

it('another name in the handshake than in the tunnel', () =>
  world.tries('CONNECT to a listed name, and TLS for another one at the same address', async () => {
    const before = arrived;
    expect(await connect('lister', 'fine.example', 'evil.example')).not.toContain('the public machine');
    // The other side sees a connection, and not a byte.
    expect(arrived).toBe(before + 1);
    const [last] = world.audit().filter(({ detail }) => JSON.stringify(detail).includes('egress-tls-name'));
    expect(last).toMatchObject({ subject: 'CONNECT fine.example:443' });
    return 'egress-tls-name; nothing is passed on';
  }));

it('a name that points elsewhere with the second look-up', () =>
  world.tries(
    'rebinding: a name that is public at first, then 127.0.0.1; and the other way round',
    async () => {
      const before = arrived;
      // Looked up once: a second look-up in between would have led inside.
      expect(await connect('webber', 'rebind.example')).toContain('the public machine');
      expect(arrived).toBe(before + 1);
      for (let i = 0; i < 3; i += 1)
        expect(await connect('webber', 'rebind.example')).toContain('egress-address');
      expect(await connect('webber', 'flip.example')).toContain('egress-address');
      expect(arrived).toBe(before + 1);
      return 'looked up once, and that address is the one connected to; 403 from then on';
    },
  ));

it('the machine’s own name, and names that are none', () =>
  world.tries(
    'CONNECT to the host’s own name, names with a dot at the end, in other letters, in xn--',
    async () => {
      for (const name of [hostname(), 'LOOP.example', 'loop.example.', 'xn--nothing.example']) {
        expect(await connect('webber', name)).toMatch(/egress-(address|name)/);
      }
      return '403 egress-address, or 502 for what does not exist';
    },
  ));
