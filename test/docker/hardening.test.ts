import { chown, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherContainers, judgeContainers } from '../../setup/verify/containers.js';
import { folderIdentity } from '../../src/engine/shared/folder-identity.js';
import { specFor, startEcho } from '../engine-conformance/harness.js';
import { probe } from './probe.js';
import { createDockerWorld } from './world.js';

describe('a container of ours', () => {
  let world: ReturnType<typeof createDockerWorld>;
  let folder = '';
  beforeEach(async () => {
    world = createDockerWorld();
    folder = await mkdtemp(join(tmpdir(), 'wharfie-hardening-'));
    await chown(folder, 1000, 1000);
  });
  afterEach(async () => {
    await world.dispose();
    await rm(folder, { recursive: true });
  });

  it.each(['a link', 'another folder'])(
    'does not start where %s took the place of a folder that it may see',
    async (what) => {
      const source = join(folder, 'shared');
      await mkdir(source);
      const mounts = [{ source, target: '/workspace/in', readOnly: true, identity: folderIdentity(source) }];
      const spec = specFor(world, 'echo', { mounts });
      await rename(source, `${source}.before`);
      if (what === 'a link') await symlink('/etc', source);
      else await mkdir(source);
      await expect(world.engine().start(spec)).rejects.toMatchObject({ code: 'mount-replaced' });
      const left = await world.docker.listContainers({ all: true, filters: { name: [spec.name] } });
      expect(left).toEqual([]);
    },
  );

  it('shows every flag when the engine is asked', async () => {
    const limits = { memoryBytes: 192 * 1024 ** 2, cpus: 1.5, pids: 77, fileSizeBytes: 5_000_000 };
    const mounts = [{ source: folder, target: '/workspace/in', readOnly: true }];
    const spec = specFor(world, 'echo', { limits, mounts });
    await startEcho(world.engine(), spec);
    const { Config, HostConfig } = await world.docker.getContainer(spec.name).inspect();
    expect(Config).toMatchObject({
      User: '1000:1000',
      Tty: false,
      OpenStdin: true,
      StdinOnce: false,
      Labels: {
        'wharfie.installation': world.installationId,
        'wharfie.session': spec.sessionId,
        'wharfie.incarnation': '1',
        'wharfie.mode': 'run',
      },
    });
    expect(HostConfig).toMatchObject({
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      Privileged: false,
      ReadonlyRootfs: true,
      AutoRemove: false,
      Init: true,
      IpcMode: 'private',
      PidsLimit: 77,
      Memory: 192 * 1024 ** 2,
      MemorySwap: 192 * 1024 ** 2,
      NanoCpus: 1_500_000_000,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'local', Config: { 'max-size': '1m', 'max-file': '2', compress: 'false' } },
      Mounts: [{ Type: 'bind', Source: folder, Target: '/workspace/in', ReadOnly: true }],
    });
    expect(HostConfig.CapAdd).toBeNull();
    expect(HostConfig.Binds).toBeNull();
    expect(HostConfig.Ulimits).toEqual(
      expect.arrayContaining([{ Name: 'fsize', Soft: 5_000_000, Hard: 5_000_000 }]),
    );
    expect(HostConfig.SecurityOpt).toContain('no-new-privileges');
    expect(HostConfig.SecurityOpt?.join()).toContain('"clone3"');
    // As the step `verify` reads it back.
    const facts = await gatherContainers(world.docker, world.installationId);
    expect(facts).toMatchObject([
      { mounts: [{ target: '/workspace/in', readOnly: true }], limits: { pids: 77 } },
    ]);
    expect(judgeContainers(facts, [])).toEqual([]);
  });

  it('has no privilege, no network, nothing of the host and the init process', async () => {
    const { value } = await probe<Record<string, unknown>>(
      world,
      world.engine(),
      `
      const status = Object.fromEntries(fs.readFileSync('/proc/self/status', 'utf8').split('\\n').map((line) => line.split(':\\t')));
      return {
        user: [process.getuid(), process.getgid(), process.getgroups()],
        capabilities: [status.CapEff, status.CapPrm, status.CapBnd, status.CapAmb],
        noNewPrivileges: status.NoNewPrivs,
        seccomp: status.Seccomp,
        interfaces: Object.keys(os.networkInterfaces()).filter((name) => name !== 'lo'),
        connect: await new Promise((resolve) => net.connect({ host: '1.1.1.1', port: 443 }).once('error', (error) => resolve(error.code))),
        environment: Object.keys(process.env).filter((name) => name !== 'CODE').sort(),
        docker: fs.existsSync('/var/run/docker.sock'),
        init: fs.readFileSync('/proc/1/comm', 'utf8').trim(),
      };`,
    );
    expect(value).toEqual({
      user: [1000, 1000, [1000]],
      capabilities: Array(4).fill('0000000000000000'),
      noNewPrivileges: '1',
      seccomp: '2',
      interfaces: [],
      connect: 'ENETUNREACH',
      environment: ['HOME', 'HOSTNAME', 'NODE_EXTRA_CA_CERTS', 'PATH', 'PROGRAM'],
      docker: false,
      init: 'docker-init',
    });
  });

  it('can write where it may and nowhere else', async () => {
    const mounts = [
      { source: folder, target: '/workspace/out', readOnly: false },
      { source: folder, target: '/workspace/in', readOnly: true },
    ];
    const write = (path: string) => `attempt(() => fs.writeFileSync('${path}', 'x'))`;
    const paths = [
      '/workspace/out/a',
      '/tmp/a',
      '/workspace/in/b',
      '/workspace/b',
      '/home/node/b',
      '/program.mjs',
    ];
    const { value } = await probe(world, world.engine(), `return [${paths.map(write)}];`, { mounts });
    expect(value).toEqual(['ok', 'ok', 'EROFS', 'EROFS', 'EROFS', 'EROFS']);
  });

  it('cannot make FIFOs, devices, namespaces or mounts', async () => {
    const mounts = [{ source: folder, target: '/workspace/out', readOnly: false }];
    const { value } = await probe<{ status: number; stderr: string }[]>(
      world,
      world.engine(),
      `return [
        run('mkfifo', '/workspace/out/fifo'),
        run('mknod', '/tmp/device', 'c', '1', '3'),
        run('unshare', '--user', 'true'),
        run('mount', '-t', 'tmpfs', 'none', '/tmp'),
      ];`,
      { mounts },
    );
    for (const outcome of value ?? []) {
      expect(outcome.status).not.toBe(0);
      expect(outcome.stderr).toMatch(/not permitted|permission denied|must be superuser/i);
    }
    expect(value).toHaveLength(4);
  });

  it('cannot start more processes or write longer files than its limits', async () => {
    const mounts = [{ source: folder, target: '/workspace/out', readOnly: false }];
    const limits = { memoryBytes: 256 * 1024 ** 2, cpus: 2, pids: 40, fileSizeBytes: 1_000_000 };
    const { value } = await probe<{ failed: string; bytes: number }>(
      world,
      world.engine(),
      `const children = Array.from({ length: 60 }, () => spawn('sleep', ['60']));
      const failed = await Promise.all(children.map((child) => new Promise((resolve) => {
        child.once('error', (error) => resolve(error.code));
        child.once('spawn', () => resolve('ok'));
      })));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.filter((child) => child.pid && child.exitCode === null && child.signalCode === null)
        .map((child) => new Promise((resolve) => child.once('exit', resolve))));
      run('dd', 'if=/dev/zero', 'of=/workspace/out/long', 'bs=64k', 'count=64');
      return { failed: failed.find((code) => code !== 'ok'), bytes: fs.statSync('/workspace/out/long').size };`,
      { mounts, limits },
    );
    expect(value).toEqual({ failed: 'EAGAIN', bytes: 1_000_000 });
  });

  it('ends with a report that says so when it needs more memory than it has', async () => {
    const { report } = await probe(
      world,
      world.engine(),
      `const all = []; for (;;) all.push(Buffer.alloc(8e6, 1));`,
    );
    expect(report).toMatchObject({ exitCode: null, signal: 'SIGKILL', outOfMemory: true });
  });

  it('is not called out of memory when only a child of it was killed', async () => {
    const greedy = 'const all = []; for (;;) all.push(Buffer.alloc(8e6, 1));';
    const { value, report } = await probe<{ signal: string }>(
      world,
      world.engine(),
      `fs.writeFileSync('/proc/self/oom_score_adj', '0');
       return run('sh', '-c', 'echo 1000 > /proc/self/oom_score_adj; exec node -e "${greedy}"');`,
    );
    expect(value?.signal).toBe('SIGKILL');
    expect(report).toMatchObject({ exitCode: 0, signal: null, outOfMemory: false });
  });
});
