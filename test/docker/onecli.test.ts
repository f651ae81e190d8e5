import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { installationIdOf } from '../../src/config.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { createMessagesApi, type MessagesApi } from '../fakes/messages-api.js';
import { createFakeOneCli, type FakeOneCli } from '../fakes/onecli.js';
import { eventually } from '../system/eventually.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { dockerClients, engineSocket } from './world.js';

const HOST = 'api.anthropic.com';
const SITE = 'site.example';
const KEY = 'sk-ant-api03-real-and-only-beyond-onecli';

let api: MessagesApi;
let onecli: FakeOneCli;
let home: Installation;
/** What came to the site behind OneCLI. */
let visits: IncomingMessage['headers'][];
let closeSite: () => void;

const containers = () => {
  const filters = { label: [`${INSTALLATION}=${installationIdOf(home.home)}`] };
  return dockerClients().calls.listContainers({ all: true, filters });
};

beforeEach(async () => {
  api = await createMessagesApi(({ headers }) =>
    headers['x-api-key'] === KEY ? 'Answered after all.' : { status: 401, type: 'authentication_error' },
  );
  visits = [];
  const site = createServer((request, response) => {
    visits.push(request.headers);
    response.end(`the site saw ${request.headers['x-api-key']}`);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  closeSite = () => site.close();
  const address = site.address();
  const behind = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  onecli = await createFakeOneCli({ [HOST]: api.url, [SITE]: behind });
  onecli.assign(HOST, KEY);
  home = createInstallation({
    WHARFIE_CREDENTIALS: 'onecli',
    ONECLI_URL: onecli.url,
    ONECLI_API_KEY: onecli.apiKey,
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: inject('agentImage'),
  });
  const wired = ['--platform-id', 'cli:local', '--name', 'Terminal', '--folder', 'real'];
  expect((await home.step('register', ...wired)).code).toBe(0);
});
afterEach(async () => {
  const left = await containers();
  await home.remove();
  for (const { Id } of left) await dockerClients().calls.getContainer(Id).remove({ force: true });
  closeSite();
  await onecli.close();
  await api.close();
});

/** The host, for which these names are public ones. */
const start = () =>
  home.start({
    NODE_OPTIONS: `--import ${fileURLToPath(new URL('resolver.mjs', import.meta.url))}`,
    WHARFIE_TEST_NAMES: JSON.stringify({ [SITE]: [['93.184.216.34']], [HOST]: [['160.79.104.10']] }),
  });

describe('the real host and the real claude with OneCLI', () => {
  it('answer with the placeholder inside and the real key only beyond OneCLI', async () => {
    const host = await start();
    const chat = await host.chat();
    chat.send('hello');
    await chat.hears('Answered after all.');
    const [agent] = [...onecli.agents.values()];
    expect(onecli.tunnels[0]).toBe(`${agent?.identifier} ${HOST}:443`);
    expect(onecli.proxied[0]?.before['x-api-key']).toBe('placeholder');
    expect(api.calls[0]?.headers['x-api-key']).toBe(KEY);
    const [container] = await containers();
    const { Config, HostConfig, Mounts } = await dockerClients()
      .calls.getContainer(container?.Id ?? '')
      .inspect();
    expect(Config.Env).toContain('ANTHROPIC_API_KEY=placeholder');
    expect(HostConfig.NetworkMode).toBe('none');
    const inside = JSON.stringify([Config, Mounts]);
    for (const secret of [KEY, onecli.apiKey, agent?.token, onecli.gateway])
      expect(inside).not.toContain(secret);
    for (const secret of [KEY, onecli.apiKey, agent?.token]) {
      expect(JSON.stringify(home.log())).not.toContain(secret);
    }
    expect(await host.stop()).toBe(0);
  });

  it('let claude, curl, git and Node reach a site that is allowed, with a credential that none of them has', async () => {
    onecli.assign(SITE, 'real-token-of-the-site');
    const allowed = ['--folder', 'real', '--egress', `list:${SITE},${HOST}`];
    expect((await home.step('group', ...allowed)).code).toBe(0);
    const command = [
      `curl -sS -H 'x-api-key: placeholder' https://${SITE}/curl`,
      `git ls-remote https://${SITE}/repository 2>&1 | tail -1`,
      `node -e "fetch('https://${SITE}/node').then((a) => a.text()).then(console.log)"`,
      `curl -sS https://${HOST}/v1/files 2>&1`,
      'cat ~/.codex/auth.json',
      `env; cat /run/wharfie/* /run/wharfie/stubs/* 2>/dev/null | grep -v CERTIFICATE`,
    ].join('; echo; ');
    let result = '';
    api.setScript(({ toolResults }) => {
      const [done] = toolResults;
      if (!done) return { tools: [{ name: 'Bash', input: { command, description: 'look' } }] };
      result = done.text;
      return 'Seen.';
    });
    const host = await start();
    const chat = await host.chat();
    chat.send('look around');
    await chat.hears('Seen.');
    expect([...new Set(visits.map((headers) => headers['user-agent']?.split('/')[0]))]).toEqual([
      'curl',
      'git',
      'node',
    ]);
    expect(visits.every((headers) => headers['x-api-key'] === 'real-token-of-the-site')).toBe(true);
    expect(result).toContain('the site saw real-token-of-the-site');
    expect(result).toMatch(/response 403/);
    expect(result).toContain('onecli-managed');
    const [agent] = [...onecli.agents.values()];
    for (const secret of [KEY, onecli.apiKey, agent?.token, onecli.gateway])
      expect(result).not.toContain(secret);
    expect(await host.stop()).toBe(0);
  });
});

describe('a message that OneCLI keeps from being answered is kept, and answered when the cause is gone', () => {
  it.each([
    ['OneCLI is down', 'down', 'does not answer'],
    ['OneCLI answers with an error', 503, 'answers 503'],
    ['OneCLI takes its agent and does not know it', 'forgetful', 'knows no agent'],
    ['OneCLI refuses the key', 401, 'refuses the key'],
  ] as const)('%s', async (_, mode, sentence) => {
    await onecli.setMode(mode);
    const host = await start();
    const chat = await host.chat();
    chat.send('hello');
    await chat.hears(sentence);
    expect(chat.said).toHaveLength(1);
    expect(chat.said[0]).toContain("I've kept your message");
    expect(await containers()).toEqual([]);
    await onecli.setMode('up');
    await chat.hears('Answered after all.');
    expect(chat.said).toHaveLength(2);
    expect(await host.stop()).toBe(0);
  });

  it('no secret is assigned to the agent', async () => {
    onecli.assign(HOST, null);
    const host = await start();
    const chat = await host.chat();
    chat.send('hello');
    await chat.hears('Assign a secret to agent Terminal (ag-');
    expect(chat.said).toHaveLength(1);
    onecli.assign(HOST, KEY);
    await chat.hears('Answered after all.');
    expect(chat.said).toHaveLength(2);
    expect(await host.stop()).toBe(0);
  });

  it('its proxy goes away in mid-turn', async () => {
    const host = await start();
    const chat = await host.chat();
    chat.send('hello');
    await chat.hears('Answered after all.');
    await onecli.setGateway('down');
    chat.send('and again');
    const seen = () => home.log().some((line) => line.msg === 'model API not reached');
    await eventually(seen, 'the call that does not get through');
    await onecli.setGateway('up');
    await eventually(() => chat.said.length === 2, 'the answer');
    expect(chat.said).toEqual(['Answered after all.', 'Answered after all.']);
    expect(await host.stop()).toBe(0);
  });
});

describe('the step', () => {
  it('makes its call from inside a container, through the whole chain', async () => {
    const { code, stdout } = await home.step('credentials', '--check');
    expect(stdout).toContain('CONTAINER_CHECK: accepted');
    expect(stdout).toContain('PROVIDER: onecli');
    expect(code).toBe(0);
    expect(api.seen.at(-1)?.headers['x-api-key']).toBe(KEY);
  });
});
