import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFakeOneCli, type FakeOneCli } from '../../fakes/onecli.js';
import { type Attacker, createHostileWorld, type HostileWorld } from './world.js';

const HOST = 'api.anthropic.com';
const SITE = 'site.example';

let world: HostileWorld;
let onecli: FakeOneCli;
let thief: Attacker;
let victim: Attacker;

beforeAll(async () => {
  const behind: Record<string, string> = {};
  onecli = await createFakeOneCli(behind);
  onecli.assign(HOST, 'sk-ant-api03-beyond-onecli');
  world = await createHostileWorld({
    agents: { thief: { egress: 'web' }, victim: { egress: 'web' } },
    dotenv: {
      ...{ ANTHROPIC_API_KEY: '', ANTHROPIC_BASE_URL: '', WHARFIE_CREDENTIALS: 'onecli' },
      ...{ ONECLI_URL: onecli.url, ONECLI_API_KEY: onecli.apiKey },
    },
    env: {
      NODE_OPTIONS: `--import ${fileURLToPath(new URL('../resolver.mjs', import.meta.url))}`,
      WHARFIE_TEST_NAMES: JSON.stringify({ [SITE]: [['93.184.216.34']], [HOST]: [['160.79.104.10']] }),
    },
  });
  behind[HOST] = world.api.url;
  [thief, victim] = [world.agent('thief'), world.agent('victim')];
  await victim.runs('return 1;');
});
afterAll(async () => {
  await world.close();
  await onecli.close();
});

const secrets = () => [
  onecli.apiKey,
  onecli.gateway,
  'sk-ant-api03-beyond-onecli',
  ...[...onecli.agents.values()].map(({ token }) => token),
];

it('what a container can find of OneCLI', () =>
  world.tries(
    'OneCLI: looking for its address, its key and the agent’s token in all that can be read',
    async () => {
      const found = await thief.runs<string>(`
      const read = (file) => attempt(() => fs.readFileSync(file, 'utf8'));
      const tree = (dir) => attempt(() => fs.readdirSync(dir, { recursive: true }).map((name) => name + ' ' + read(dir + '/' + name)).join());
      const all = [JSON.stringify(process.env), tree('/run/wharfie'), read('/proc/self/environ'), read('/proc/1/environ'), read('/proc/mounts'), tree('/home/node'), tree('/workspace/in')].join();
      return [...new Set(all.match(/(oc_|aoc_|sk-ant|127\\.0\\.0\\.1:|placeholder)[\\w-]*/g))].join(' ');`);
      expect(found).toContain('placeholder');
      for (const secret of secrets()) expect(found).not.toContain(secret);
      return 'placeholders and a certificate, nothing else';
    },
  ));

it('another agent’s identity', () =>
  world.tries('OneCLI: a tunnel with the token of another agent', async () => {
    const stolen = [...onecli.agents.values()].find(({ name }) => name === 'victim')?.token;
    expect(stolen).toBeDefined();
    const forged = Buffer.from(`x:${stolen}`).toString('base64');
    const got = await thief.runs<string>(
      `return door('CONNECT ${SITE}:443 HTTP/1.1\\r\\nhost: x\\r\\nproxy-authorization: Basic ${forged}\\r\\nx-onecli-connection-id: 1\\r\\n\\r\\n', 500);`,
    );
    expect(got).toMatch(/^HTTP\/1\.1 200/);
    const own = [...onecli.agents.values()].find(({ name }) => name === 'thief')?.identifier;
    expect(onecli.tunnels.at(-1)).toBe(`${own} ${SITE}:443`);
    return 'the header was not passed on: it came to OneCLI as its own agent';
  }));

it('OneCLI itself, and the model past the model route', () =>
  world.tries(
    'OneCLI: tunnels to its own ports, to the model’s host; plain HTTP through it; mcp_servers',
    async () => {
      const before = onecli.tunnels.length;
      const asked = onecli.asked.length;
      const port = new URL(onecli.url).port;
      const got = await thief.runs<string[]>(`
      const ask1 = async (authority) => (await door('CONNECT ' + authority + ' HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')).match(/egress-[a-z-]+/)?.[0];
      return [await ask1('127.0.0.1:${port}'), await ask1('${onecli.gateway}'), await ask1('localhost:443'), await ask1('${HOST}:443'),
        (await ask('GET', 'http://127.0.0.1:${port}/v1/agents')).said.match(/egress-[a-z-]+/)?.[0]];`);
      expect(got).toEqual([
        'egress-port',
        'egress-port',
        'egress-address',
        'egress-model-host',
        'egress-plain-http',
      ]);
      const evil = {
        model: 'm',
        max_tokens: 1,
        messages: [],
        mcp_servers: [{ type: 'url', url: 'https://evil.example', name: 'x' }],
      };
      const body = JSON.stringify(JSON.stringify(evil));
      const { status } = await world.bystander.runs<{ status: number }>(
        `return ask('POST', '/v1/messages', {}, ${body});`,
      );
      expect(status).toBe(403);
      expect(onecli.tunnels).toHaveLength(before);
      expect(onecli.asked).toHaveLength(asked);
      return `${got.join(', ')}; 403 egress-field; OneCLI heard of none of it`;
    },
  ));

it('noise in a tunnel', () =>
  world.tries('OneCLI: noise, a half-open handshake and 40 tunnels at once', async () => {
    const got = await thief.runs<number>(`
      const head = 'CONNECT ${SITE}:443 HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n';
      await Promise.all([1, 2, 3].map(() => door(head + 'noise'.repeat(1000), 500)));
      const all = await Promise.all(Array.from({ length: 40 }, () => door(head, 2000)));
      return all.filter((answer) => /^HTTP\\/1\\.1 200/.test(answer)).length;`);
    expect(got).toBeLessThanOrEqual(32);
    const served = await victim.runs<{ status: number }>(
      `return ask('POST', '/v1/messages', { 'content-type': 'application/json' }, ${JSON.stringify(JSON.stringify({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }))});`,
    );
    expect(served.status).toBe(200);
    return 'at most 32 tunnels a session; the others call the model meanwhile';
  }));
