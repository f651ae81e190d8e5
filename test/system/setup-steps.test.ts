import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInstallation, type Installation } from './host-process.js';

let home: Installation;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterEach(() => home.remove());

const terminal = ['--platform-id', 'cli:local', '--name', 'Terminal'];

describe('steps beside a running host', () => {
  it('a chat that is registered meanwhile answers without a restart, until it is unregistered', async () => {
    const host = await home.start();
    const registered = await home.step('register', ...terminal, '--folder', 'second', '--trigger', '@second');
    expect(registered.stdout).toContain('RESULT: created');
    const real = await home.step('group', '--folder', 'second', '--provider', 'mock');
    expect(real.stdout).toContain('PROVIDER: mock');
    const chat = await host.chat();
    chat.send('@second are you there?');
    await chat.hears('are you there?');
    const taken = home.log().filter((line) => line.msg === 'message taken in');
    expect(taken).toHaveLength(1);
    const status = await home.step('status');
    expect(status.stdout).toMatch(/HOST: running\nHOST_PID: \d+\nWIRED: 1\n/);
    expect(status.stdout).toContain('"folders":["mock","second"]');
    const removed = await home.step('unregister', ...terminal.slice(0, 2), '--folder', 'second');
    expect(removed.stdout).toContain('RESULT: removed');
    chat.send('and now?');
    await chat.hears('You said: and now?');
    chat.close();
    expect(await host.stop()).toBe(0);
    expect((await home.step('status')).stdout).toMatch(/HOST: stopped\nWIRED: 1\n/);
  });
});
