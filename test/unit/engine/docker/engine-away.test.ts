import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.js';
import { connectDocker, createDockerEngine, dockerSocket } from '../../../../src/engine/docker/index.js';
import { specFor } from '../../../engine-conformance/harness.js';

const engineAt = (socketPath: string) =>
  createDockerEngine({
    docker: connectDocker(socketPath),
    installationId: 'unit',
    image: 'wharfie-agent:unit',
    expectedHash: null,
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });

describe('where the engine is', () => {
  it('is what DOCKER_HOST says', () => {
    expect(dockerSocket({ DOCKER_HOST: 'unix:///somewhere/docker.sock' })).toBe('/somewhere/docker.sock');
    expect(dockerSocket({ DOCKER_HOST: 'tcp://10.0.0.7:2375' })).toBe('tcp://10.0.0.7:2375');
  });

  it('is the usual place without it', () => {
    expect(dockerSocket({})).toBe('/var/run/docker.sock');
    expect(dockerSocket({ XDG_RUNTIME_DIR: '/nowhere' })).toBe('/var/run/docker.sock');
  });
});

describe('an engine that cannot be used', () => {
  let folder = '';
  let server: Server | null = null;
  let paths: string[] = [];
  /** An engine that answers every question with the same. */
  const answering = async (status: number, body: unknown) => {
    paths = [];
    const socketPath = join(folder, 'docker.sock');
    server = createServer((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
    return engineAt(socketPath);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wharfie-engine-'));
  });
  afterEach(async () => {
    if (server) await new Promise((resolve) => server?.close(resolve));
    server = null;
    await rm(folder, { recursive: true });
  });

  it('is named with its cure when nothing answers', async () => {
    const engine = engineAt(join(folder, 'missing.sock'));
    const away = { code: 'engine-unreachable', fix: expect.stringContaining('systemctl start docker') };
    await expect(engine.check()).rejects.toMatchObject(away);
    await expect(engine.start(specFor({ spec: (spec) => spec }, 'echo'))).rejects.toMatchObject(away);
    await expect(engine.adopt('anything')).rejects.toMatchObject(away);
    await expect(engine.ensureGone('anything')).rejects.toMatchObject(away);
  });

  it('is refused on another machine before it is asked', async () => {
    await expect(engineAt('tcp://10.0.0.7:2375').check()).rejects.toMatchObject({
      code: 'engine-mount-unsupported',
    });
  });

  it.each([
    ['in a virtual machine', { OSType: 'linux', OperatingSystem: 'Docker Desktop' }],
    ['for Windows containers', { OSType: 'windows', OperatingSystem: 'Windows' }],
    ['with remapped users it does not tell', { OSType: 'linux', SecurityOptions: ['name=userns'] }],
  ])('is refused %s', async (_, info) => {
    const engine = await answering(200, info);
    await expect(engine.check()).rejects.toMatchObject({ code: 'engine-mount-unsupported' });
    await expect(engine.identity()).rejects.toMatchObject({ code: 'engine-mount-unsupported' });
    expect(paths).toEqual(['/info', '/info']);
  });

  it('is not trusted when it answers with nonsense', async () => {
    const engine = await answering(500, { message: 'no space left on device' });
    await expect(engine.check()).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringContaining('no space left on device'),
    });
  });
});
