import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { codeRoot, installationIdOf } from '../../src/config.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { createMessagesApi, type MessagesApi } from '../fakes/messages-api.js';
import { eventually } from '../system/eventually.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { dockerClients, engineSocket } from './world.js';

const KEY = 'sk-ant-test-key-that-stays-on-the-host';
const WAIT = { timeout: 40_000, interval: 20 };

let api: MessagesApi;
let home: Installation;

const containers = () =>
  dockerClients().calls.listContainers({
    all: true,
    filters: { label: [`${INSTALLATION}=${installationIdOf(home.home)}`] },
  });

beforeEach(async () => {
  api = await createMessagesApi(({ lastUser }) => `You wrote: ${/>([^<]*)<\/message>/.exec(lastUser)?.[1]}`);
  home = createInstallation({
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_BASE_URL: api.url,
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: inject('agentImage'),
  });
});
afterEach(async () => {
  const left = await containers();
  await home.remove();
  for (const { Id } of left) await dockerClients().calls.getContainer(Id).remove({ force: true });
  await api.close();
});

describe('a message typed into the terminal, the real host, a hardened container, the real claude', () => {
  it('is answered, piped, with exit code 0, and the key never enters the container', async () => {
    const { code, stdout } = await home.run(['src/index.ts'], { input: 'hello\n' });
    expect(stdout).toContain('You wrote: hello');
    expect(code).toBe(0);
    expect(api.calls[0]?.headers['x-api-key']).toBe(KEY);
    const [container] = await containers();
    const { HostConfig, Config } = await dockerClients()
      .calls.getContainer(container?.Id ?? '')
      .inspect();
    expect(HostConfig.NetworkMode).toBe('none');
    expect(JSON.stringify(Config)).not.toContain(KEY);
  });

  it('is answered in a terminal that a person types in, until /quit', async () => {
    const command = `${process.execPath} --import tsx src/index.ts`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: codeRoot,
      env: { ...home.env, TERM: 'xterm' },
    });
    let screen = '';
    terminal.stdout.on('data', (chunk) => (screen += chunk));
    const exited = once(terminal, 'exit');
    await eventually(() => screen.includes('talk to it?'), 'the question where to talk');
    terminal.stdin.write('\r');
    await eventually(() => screen.includes('you> '), 'the prompt');
    terminal.stdin.write('hello from a keyboard\r');
    await eventually(() => screen.includes('You wrote: hello from a keyboard'), 'the answer');
    terminal.stdin.write('/quit\r');
    expect((await exited)[0]).toBe(0);
    expect(screen).not.toContain('mock');
  });

  it('takes a follow-up into the running turn, and answers both once', async () => {
    let release: () => void = () => {};
    const held = new Promise<string>((resolve) => {
      release = () => resolve('done');
    });
    api.setScript(({ n, messages }) => {
      const heard = messages.map((message) => message.text).join('\n');
      if (n === 0) return { tools: [{ name: 'Bash', input: { command: 'sleep 2', description: 'wait' } }] };
      return heard.includes('and the second') ? 'Both heard.' : { text: ['Only ', held] };
    });
    const host = await home.start();
    const chat = await host.chat();
    chat.send('the first');
    await api.callsReach(1);
    chat.send('and the second');
    await chat.hears('Both heard.');
    release();
    expect(chat.said.filter((text) => text.includes('Both heard.'))).toHaveLength(1);
    await host.stop();
  });

  it('goes on with the conversation after the container is gone', async () => {
    const host = await home.start();
    const chat = await host.chat();
    chat.send('my name is Ada');
    await chat.hears('You wrote: my name is Ada');
    const [container] = await containers();
    await dockerClients()
      .calls.getContainer(container?.Id ?? '')
      .kill();
    await vi.waitFor(
      () => expect(home.log().map((line) => line.msg)).toContain('container ended unexpectedly'),
      WAIT,
    );
    chat.send('what is my name?');
    await chat.hears('You wrote: what is my name?');
    const last = api.calls
      .at(-1)
      ?.messages.map((message) => message.text)
      .join('\n');
    expect(last).toContain('my name is Ada');
    await host.stop();
  });

  it.each(['kill', 'stop'] as const)(
    'finishes a turn over a %s of the host, and says it once',
    async (end) => {
      let answer: (text: string) => void = () => {};
      const later = new Promise<string>((resolve) => {
        answer = resolve;
      });
      api.setScript([
        { tools: [{ name: 'Bash', input: { command: 'sleep 3', description: 'wait' } }] },
        { text: [later] },
      ]);
      const first = await home.start();
      (await first.chat()).send('take your time');
      await api.callsReach(1);
      await first[end]();
      const [left] = await containers();
      expect(left?.State).toBe('running');
      const second = await home.start();
      const chat = await second.chat();
      await api.callsReach(2);
      answer('Here it is.');
      await chat.hears('Here it is.');
      expect(chat.said).toEqual(['Here it is.']);
      expect(await second.stop()).toBe(0);
      // The same container all the while, and nothing was held against the message.
      expect((await containers()).map(({ Id }) => Id)).toEqual([left?.Id]);
      expect(home.log().filter(({ msg }) => msg === 'container left a message open')).toEqual([]);
    },
  );
});
