import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { Server as NetServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { StepContext } from '../../../../setup/lib/step.js';
import { steps } from '../../../../setup/steps.js';
import type { ChannelAdapter } from '../../../../src/channels/adapter.js';
import { cliSocketPath } from '../../../../src/channels/cli/socket-path.js';
import { CLI_ADDRESS, createCliChannel } from '../../../../src/channels/cli.js';
import { createChannelRegistry } from '../../../../src/channels/registry/index.js';
import { type Clock, systemClock } from '../../../../src/clock.js';
import { codeRoot, loadConfig } from '../../../../src/config.js';
import { RUNNER_HASH } from '../../../../src/engine/docker/labels.js';
import { runnerHash } from '../../../../src/engine/docker/runner-hash.js';
import { createEnvFile } from '../../../../src/env-file.js';
import { createOperator } from '../../../../src/host/operator.js';
import { createFakeChannel } from '../../../fakes/chat-channel.js';
import { createFakeDiscord } from '../../../fakes/discord.js';
import { createFakeDockerEngine } from '../../../fakes/docker-engine.js';
import { silentLog } from '../../../fakes/log.js';
import { createInstallation, secretsOf } from '../harness.js';
import { commandOf, tokenOf, wordsOf } from './fixes.js';

export const DIRECT = 'discord:@me:1300000000000000001';
export const FAMILY = 'discord:1100000000000000001:1200000000000000001';
export const KEY = 'sk-ant-api03-of-the-tests-0123456789';

const BARREL = `export { discord } from './discord.js';\n`;

const findingsSchema = z.array(
  z.object({ id: z.string(), severity: z.string(), message: z.string(), fix: z.string() }),
);
export type Found = z.infer<typeof findingsSchema>[number];

/** An installation that answers: two chats of Discord and the terminal, an engine, a model, and a host. */
export async function prepare() {
  const at = createInstallation();
  const discord = await createFakeDiscord();
  onTestFinished(() => discord.close());
  discord.token = tokenOf('first');
  const engine = await createFakeDockerEngine(join(at.home, 'docker.sock'));
  const image = 'wharfie-agent:prepared';
  engine.images.set(image, { [RUNNER_HASH]: await runnerHash(codeRoot) });
  const model = await createModel();
  const shift = { ms: 0 };
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + shift.ms };
  const root = checkoutIn(at.home);
  const context: StepContext = {
    ...at.context,
    clock,
    root,
    env: { DOCKER_HOST: `unix://${engine.socketPath}`, PATH: '', HOME: at.home },
  };
  const lines: Record<string, string> = {
    TZ: 'UTC',
    WHARFIE_IMAGE: image,
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_BASE_URL: model.url,
    DISCORD_BOT_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
  };
  const writeEnv = (change: Record<string, string | undefined> = {}) => {
    const all = Object.entries({ ...lines, ...change }).filter(([, value]) => value !== undefined);
    writeFileSync(at.paths.envFile, `${all.map(([name, value]) => `${name}=${value}`).join('\n')}\n`, {
      mode: 0o600,
    });
  };
  writeEnv();
  const act = async (name: string, ...argv: string[]) => {
    const { exitCode, output } = await run(name, argv);
    if (exitCode !== 0) throw new Error(output);
  };
  const wire = (...argv: string[]) => act('register', ...argv);
  await wire('--platform-id', DIRECT, '--name', 'Ada', '--folder', 'main', '--is-main');
  await wire('--platform-id', FAMILY, '--name', 'Family', '--folder', 'family');
  await wire('--channel', 'cli', '--platform-id', 'cli:local', '--name', 'Terminal', '--folder', 'main');

  await act('members', '--add', 'discord:1300000000000000001', '--role', 'owner');

  const platform = createFakeChannel({ channelType: 'discord', clock: systemClock });
  let known: ChannelAdapter['resolveChat'] = async (platformId) => ({
    ...{ platformId, name: 'Family', isGroup: true },
  });
  const adapter: ChannelAdapter = {
    ...platform.adapter,
    resolveChat: (id) => known?.(id) ?? Promise.resolve(null),
  };
  const host = { startedAt: 0, has: true, stop: async () => {} };

  /** Starts the host anew, as a person does: with the settings and the channels of this moment. */
  async function restart(options: { has?: boolean; older?: boolean } = {}): Promise<void> {
    await host.stop();
    const config = loadConfig(createEnvFile(at.paths.envFile).read(), { WHARFIE_HOME: at.home });
    const cli: ChannelAdapter = createCliChannel({
      socketPath: cliSocketPath(at.paths.data),
      filesDir: join(at.paths.data, 'terminal-files'),
      clock: systemClock,
      log: silentLog,
      welcome: () => [],
      settled: async () => 'done',
      operator: createOperator({
        registry: () => registry,
        voice: { post: async () => {} },
        ...{ config, terminalOnly: false, env: {} },
        watchdog: { longestStopMs: () => 0 },
        clock: { ...systemClock, now: () => (options.older ? 0 : systemClock.now()) },
      }),
    });
    const registry = createChannelRegistry({
      adapters: [cli, ...(options.has === false ? [] : [adapter])],
      hostFor: () => ({
        async receive(event) {
          const part = { type: 'text' as const, text: event.text, files: [], replyTo: null };
          const { signal } = new AbortController();
          await cli.deliver({ to: CLI_ADDRESS, part, idempotencyKey: event.messageId, signal });
        },
        unread: () => 'again',
        cursors: () => [],
        healthChanged() {},
      }),
      ...{ clock: systemClock, random: Math.random, log: silentLog },
    });
    registry.start();
    await new Promise((resolve) => setImmediate(resolve));
    host.stop = () => registry.stop(1000);
  }
  onTestFinished(() => host.stop());
  mkdirSync(at.paths.data, { recursive: true });
  await restart();

  async function run(name: string, argv: readonly string[], more: Partial<StepContext> = {}) {
    const load = steps.get(name);
    if (!load) throw new Error(`there is no step ${name}`);
    return at.run(await load(), argv, { ...context, ...more });
  }
  async function verify(...argv: string[]): Promise<Found[]> {
    const { fields } = await run('verify', argv);
    return findingsSchema.parse(fields.FINDINGS ?? []);
  }

  /** Does what a finding's `FIX` says, as far as its first bracket, the way a person does: one command. */
  async function obey({ fix }: Found, secrets: Record<string, string> | null = null): Promise<void> {
    const command = commandOf(fix);
    const [program = '', name = '', ...argv] = wordsOf(command);
    if (program === './wharfie') {
      // What else is wrong is not what the fix is about.
      const more = name === 'verify' ? ['--offline'] : [];
      // The fake engine starts nothing, so the key is not tried from inside of a container.
      const paused = name === 'credentials' && existsSync(engine.socketPath);
      if (paused) await engine.stop();
      const { exitCode, output } = await run(name, [...argv, ...more], { secrets: secretsOf(secrets) });
      if (paused) await engine.start();
      if (exitCode !== 0 && name !== 'verify') throw new Error(`${command}: ${output}`);
      return;
    }
    const env = { ...process.env, HOME: at.home };
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: at.home, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command}: ${stderr}`);
  }

  return {
    ...{
      ...at,
      context,
      root,
      discord,
      engine,
      model,
      shift,
      platform,
      image,
      writeEnv,
      wire,
      act,
      restart,
      run,
    },
    ...{ verify, obey, stopHost: () => host.stop() },
    sql(text: string): void {
      const db = new Database(at.paths.centralDb);
      db.exec(text);
      db.close();
    },
    held: [] as Database.Database[],
    others: [] as NetServer[],
    build: async () => void engine.images.set(image, { [RUNNER_HASH]: await runnerHash(codeRoot) }),
    chmodEnv: (mode: number) => chmodSync(at.paths.envFile, mode),
    barrel: (text = BARREL) => writeFileSync(join(root, 'src', 'channels', 'index.ts'), text),
    aside(file: string) {
      for (const end of ['', '-wal', '-shm']) {
        if (existsSync(file + end)) renameSync(file + end, `${file}.kept${end}`);
      }
    },
    back(file: string) {
      for (const end of ['', '-wal', '-shm']) {
        rmSync(file + end, { recursive: true, force: true });
        if (existsSync(`${file}.kept${end}`)) renameSync(`${file}.kept${end}`, file + end);
      }
    },
    /** Installs a service that starts this Node, and says that it runs. */
    service(node = process.execPath) {
      const lines = [
        '#!/bin/sh',
        `WHARFIE_HOME='${at.home}'`,
        '[ "$1" = status ] && exit 0',
        `nohup '${node}' x`,
      ];
      writeFileSync(join(at.paths.data, 'wharfie.sh'), `${lines.join('\n')}\n`, { mode: 0o755 });
      context.env.PATH = '/usr/bin:/bin';
    },
    /** What the platform knows of a chat from now on. */
    knows: (next: NonNullable<ChannelAdapter['resolveChat']>) => {
      known = next;
    },
  };
}

export type Prepared = Awaited<ReturnType<typeof prepare>>;

/** A model API that takes one key; below `/v1`, as the real one is. */
async function createModel() {
  const state = { key: KEY, url: '', down: false };
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const known = ['/v1/models', '/v1/models/claude-sonnet-4-5', '/v1/messages', '/'].includes(path);
    const status = !known ? 404 : request.headers['x-api-key'] === state.key ? 200 : 401;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  state.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  onTestFinished(() => void server.close());
  return state;
}

/** The checkout with a barrel of its own: everything else is the real one. */
function checkoutIn(home: string): string {
  const root = join(home, 'checkout');
  mkdirSync(join(root, 'src', 'channels'), { recursive: true });
  const link = (from: string, left: string[] = []) => {
    for (const name of readdirSync(join(codeRoot, from))) {
      if (!left.includes(name)) symlinkSync(join(codeRoot, from, name), join(root, from, name));
    }
  };
  for (const name of ['container', 'node_modules', 'package.json', 'setup']) {
    symlinkSync(join(codeRoot, name), join(root, name));
  }
  link('src', ['channels']);
  link(join('src', 'channels'), ['index.ts']);
  writeFileSync(join(root, 'src', 'channels', 'index.ts'), BARREL);
  return root;
}
