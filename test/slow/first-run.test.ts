import { afterEach, beforeEach, expect, it } from 'vitest';
import { codeRoot } from '../../src/config.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { openPty } from '../system/pty.js';

let home: Installation;
let terminal: ReturnType<typeof openPty> | null = null;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterEach(async () => {
  terminal?.kill();
  await home.remove();
});

it('says in a terminal without Docker how to get it, and talks by the mock', async () => {
  terminal = openPty('npm start --silent', { cwd: codeRoot, env: home.env });
  await terminal.shows('The agent needs Docker');
  await terminal.shows('It is a mock that repeats what you say.');
  terminal.type('hello');
  await terminal.shows('You said: hello');
  terminal.type('/quit');
  expect(await terminal.exited).toBe(0);
});
