import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createInstallation, type Installation } from './host-process.js';

const SECRET = 'sk-ant-quite-secret';
let home: Installation;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock', SOME_TOKEN: SECRET });
});
afterEach(() => home.remove());

it.each([
  ['an exception', 'setImmediate(() => { throw error; })', 'uncaughtException'],
  ['a rejection', 'void Promise.reject(error)', 'unhandledRejection'],
])('%s that nobody catches stands in the log before the host ends with 1', async (_, happen, origin) => {
  const fault = path.join(home.home, 'fault.mjs');
  const error = `const error = new Error('unforeseen ${SECRET}')`;
  writeFileSync(fault, `process.on('SIGUSR2', () => { ${error}; ${happen}; });`);
  const host = await home.start({ NODE_OPTIONS: `--import ${pathToFileURL(fault)}` });
  process.kill(host.pid, 'SIGUSR2');
  expect(await host.exited).toBe(1);
  const last = home.log().filter((line) => line.level === 60);
  expect(last).toEqual([expect.objectContaining({ origin, reason: 'unforeseen [redacted]' })]);
  expect(last[0]?.stack).toContain('fault.mjs');
});
