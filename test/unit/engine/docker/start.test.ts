import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../../src/engine/docker/connection.js';
import { createContainers } from '../../../../src/engine/docker/containers.js';
import { createStarter } from '../../../../src/engine/docker/start.js';
import { folderIdentity } from '../../../../src/engine/shared/folder-identity.js';
import { specFor } from '../../../engine-conformance/harness.js';
import { createFakeClock } from '../../../fakes/clock.js';
import { createMemoryLog } from '../../../fakes/log.js';

/** An engine that starts what it is asked to (docs.docker.com/reference/api/engine); `onAttach` runs before it answers. */
async function openEngine(onAttach: () => void) {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'wharfie-engine-')));
  const socketPath = path.join(home, 'docker.sock');
  const asked: string[] = [];
  // Its client tells all of a container in the address too.
  const server = createServer({ maxHeaderSize: 1024 ** 2 }, (request, response) => {
    const name = `${request.method} ${(request.url ?? '').replace(/\?.*/, '')}`;
    asked.push(name);
    request.resume();
    if (name === 'POST /containers/create') {
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"Id":"c1","Warnings":[]}');
    } else if (name === 'GET /containers/c1/json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"State":{"Running":true}}');
    } else response.writeHead(204).end();
  });
  server.on('upgrade', (request, socket) => {
    asked.push(`${request.method} ${(request.url ?? '').replace(/\?.*/, '')}`);
    onAttach();
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    onTestFinished(() => void socket.destroy());
  });
  server.listen(socketPath);
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(home, { recursive: true });
  });

  const docker = connectDocker(socketPath);
  const clock = createFakeClock();
  const base = { docker, clock, installationId: 'unit' };
  const containers = createContainers({ ...base, log: createMemoryLog().log });
  onTestFinished(() => containers.detach());
  const user = { uid: 1000, gid: 1000 };
  const identity = async () => ({ user, owner: user });
  const start = createStarter({ ...base, containers, identity });
  const source = path.join(home, 'allowed');
  mkdirSync(source);
  const mounts = [{ source, target: '/x', readOnly: true, identity: folderIdentity(source) }];
  const spec = specFor({ spec: (one) => one }, 'echo', { mounts, user });
  return { home, source, asked, start: () => start(spec) };
}

const START = 'POST /containers/c1/start';
const REMOVE = 'DELETE /containers/c1';

it('a container starts with the folder that was allowed', async () => {
  const engine = await openEngine(() => {});
  await engine.start();
  expect(engine.asked).toContain(START);
});

it.each<[string, (source: string, home: string) => void]>([
  ['a link', (source, home) => symlinkSync(home, source)],
  ['another folder', (source) => mkdirSync(source)],
  ['nothing', () => {}],
])('a container that is made does not start, and is removed, once %s is in its place', async (_, put) => {
  const engine = await openEngine(() => {
    renameSync(engine.source, path.join(engine.home, 'moved'));
    put(engine.source, engine.home);
  });
  await expect(engine.start()).rejects.toMatchObject({ code: 'mount-replaced' });
  expect(engine.asked).toContain(REMOVE);
  expect(engine.asked).not.toContain(START);
});
