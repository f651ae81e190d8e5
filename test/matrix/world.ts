import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { askChannels } from '../../setup/lib/ask-host.js';
import { runStep } from '../../setup/lib/run.js';
import type { StepContext } from '../../setup/lib/step.js';
import { steps } from '../../setup/steps.js';
import { systemClock } from '../../src/clock.js';
import { codeRoot, pathsOf } from '../../src/config.js';
import { RUNNER_HASH } from '../../src/engine/docker/labels.js';
import { runnerHash } from '../../src/engine/docker/runner-hash.js';
import { hostState } from '../../src/host/state.js';
import { createFakeDockerEngine } from '../fakes/docker-engine.js';
import { eventually } from '../system/eventually.js';
import { createInstallation } from '../system/host-process.js';
import { createDiscordPlatform } from '../system/platforms/discord.js';
import { commandOf, tokenOf, wordsOf } from '../unit/setup/verify/fixes.js';

export const OWNER = 'discord:1300000000000000001';
const IMAGE = 'wharfie-agent:matrix';

const findingsSchema = z.array(z.object({ id: z.string(), message: z.string(), fix: z.string() }));
export type Found = z.infer<typeof findingsSchema>[number];
export type World = Awaited<ReturnType<typeof createWorld>>;

/**
 * An installation as a person has it, with its host as a service: two chats of a Discord, and the terminal. An engine that
 * starts nothing says that there is an image; so chats lead to Claude while `verify` looks, and to the mock to be answered.
 */
export async function createWorld() {
  const platform = await createDiscordPlatform(2);
  const { fake, chats } = platform;
  fake.token = tokenOf('first');
  const [general, other] = chats;
  if (!general || !other) throw new Error('the platform has no two chats');
  const home = createInstallation();
  const paths = pathsOf(home.home);
  const engine = await createFakeDockerEngine(path.join(home.home, 'docker.sock'));
  const build = async () => void engine.images.set(IMAGE, { [RUNNER_HASH]: await runnerHash(codeRoot) });
  await build();
  const lines: Record<string, string> = {
    TZ: 'UTC',
    ANTHROPIC_API_KEY: 'sk-ant-api03-of-the-tests-0123456789',
    WHARFIE_DOCKER_SOCKET: engine.socketPath,
    WHARFIE_IMAGE: IMAGE,
    ...platform.env,
    DISCORD_BOT_TOKEN: fake.token,
  };
  const writeEnv = (change: Record<string, string | undefined> = {}) => {
    const all = Object.entries({ ...lines, ...change }).filter(([, value]) => value !== undefined);
    const text = all.map(([name, value]) => `${name}=${value}\n`).join('');
    writeFileSync(paths.envFile, text, { mode: 0o600 });
  };
  writeEnv();
  const bin = path.join(home.home, 'bin');
  mkdirSync(bin);
  // A machine with Docker, and whose service manager is not there, whatever this one has.
  for (const name of ['systemctl', 'docker']) {
    writeFileSync(path.join(bin, name), '#!/bin/sh\necho offline\nexit 1\n', { mode: 0o755 });
  }
  const { TZ: _, ...inherited } = home.env;
  const env = { ...inherited, PATH: `${bin}:${home.env.PATH ?? ''}` };

  async function run(name: string, argv: readonly string[]) {
    const load = steps.get(name);
    if (!load) throw new Error(`there is no step ${name}`);
    const context: StepContext = {
      ...{ home: home.home, root: codeRoot, env, clock: systemClock },
      ...{ secrets: { interactive: false, read: async () => null }, say() {}, show() {}, detail() {} },
    };
    const { output, exitCode } = await runStep(await load(), argv, context, { json: true });
    return { output, exitCode, fields: z.record(z.string(), z.unknown()).parse(JSON.parse(output)) };
  }
  async function act(name: string, ...argv: string[]) {
    const { exitCode, output, fields } = await run(name, argv);
    if (exitCode !== 0) throw new Error(output);
    return fields;
  }
  const sql = (text: string) => {
    const db = new Database(paths.centralDb, { timeout: 10_000 });
    db.exec(text);
    db.close();
  };
  const provider = (name: 'claude' | 'mock') =>
    sql(`UPDATE agent_groups SET agent_provider = '${name}' WHERE folder = 'general'`);
  const wire = (id: string, folder: string, ...more: string[]) =>
    act('register', '--platform-id', id, '--name', folder, '--folder', folder, '--unseen', ...more);
  const wireGeneral = () => wire(general.platformId, 'general', '--unknown-senders', 'open');
  /** The platform knows of it a moment before the host does. */
  const connected = () =>
    eventually(async () => {
      const channels = await askChannels({ dataDir: paths.data, clock: systemClock });
      return channels?.find((one) => one.channelType === 'discord')?.state === 'connected';
    }, 'the connection');
  /** Has the service start the host anew, as the fix of many a finding says. */
  async function restart() {
    await act('service');
    await connected();
  }

  await wireGeneral();
  await wire(other.platformId, 'chat-1', '--unknown-senders', 'known', '--is-main');
  await wire('cli:local', 'chat-1', '--channel', 'cli');
  await act('members', '--add', OWNER, '--role', 'owner');
  await restart();
  let asked = 0;

  return {
    ...{ home, paths, platform, fake, engine, env, general, writeEnv, build, sql, act, restart, wireGeneral },
    image: IMAGE,
    append: (text: string) => writeFileSync(paths.envFile, readFileSync(paths.envFile, 'utf8') + text),
    async verify(): Promise<Found[]> {
      const { fields } = await run('verify', ['--offline']);
      return findingsSchema.parse(fields.FINDINGS ?? []);
    },
    /** One command, as far as the first bracket, run as a person runs it. */
    async obey({ fix }: Found): Promise<void> {
      const command = commandOf(fix);
      const [program = '', name = '', ...argv] = wordsOf(command);
      if (program === './wharfie') {
        const more = name === 'verify' ? ['--offline'] : [];
        const finished = await home.run(['setup/index.ts', '--step', name, '--', ...argv, ...more], { env });
        if (finished.code !== 0 && name !== 'verify') throw new Error(`${command}: ${finished.stdout}`);
        if (name === 'service') await connected();
        return;
      }
      const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: home.home, env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${command}: ${stderr}`);
    },
    /** A message to the first chat comes back, answered by the mock. */
    async answers(): Promise<void> {
      const mark = `mark-${++asked}`;
      provider('mock');
      general.place.ask({ text: `@Andy ${mark}`, sends: [], replies: [mark] });
      try {
        const answered = () => general.place.said().some((text) => text.includes(mark));
        await eventually(answered, `the answer to ${mark}`);
      } finally {
        provider('claude');
      }
    },
    async killHost(): Promise<void> {
      const { pid } = await hostState(paths.data);
      if (pid !== null) process.kill(pid, 'SIGKILL');
      await eventually(async () => !(await hostState(paths.data)).running, 'the end of the host');
    },
    async close(): Promise<void> {
      await act('service', '--uninstall').catch(() => {});
      await engine.stop();
      await home.remove();
      await platform.close();
    },
  };
}
