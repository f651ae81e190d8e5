import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Address } from '../../../src/address.js';
import type { ChannelAdapter, DeliverRequest } from '../../../src/channels/adapter.js';
import { loadConfig } from '../../../src/config.js';
import type { AgentProvider } from '../../../src/db/types.js';
import { createEnvFile } from '../../../src/env-file.js';
import { createBase } from '../../../src/host/base.js';
import { createContainers } from '../../../src/host/containers.js';
import { createHostRegistration, createInbound } from '../../../src/host/inbound.js';
import { createOutbound } from '../../../src/host/outbound.js';
import { createBenchAdapter } from './adapter.js';
import { BENCH_IMAGE, type BenchDocker, removeContainers } from './docker.js';
import { wireChat } from './wire.js';

export interface HostOptions {
  /** Null: agents run as processes. */
  docker: BenchDocker | null;
  provider: AgentProvider;
  /** The channels; default: one of the benchmark's own. */
  adapters?: ChannelAdapter[];
  /** Lines of `.env`. */
  env?: Record<string, string>;
}

/**
 * The host's own parts in this process, put together as src/host/index.ts does, with an adapter of the benchmark as the only
 * channel: so the clock runs from `routeInbound` called to `adapter.deliver` called, and nothing is left out between.
 */
export async function createBenchHost({ docker, provider, adapters, env = {} }: HostOptions) {
  const home = mkdtempSync(path.join(tmpdir(), 'wb-'));
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path.join(home, '.env'), lines.join(''), { mode: 0o600 });
  mkdirSync(path.join(home, 'data'), { mode: 0o700 });
  process.env.XDG_CACHE_HOME = path.join(home, 'c');
  const config = loadConfig(
    {},
    {
      WHARFIE_HOME: home,
      WHARFIE_IMAGE: BENCH_IMAGE,
      WHARFIE_MOCK_ENGINE: docker ? 'docker' : 'process',
      WHARFIE_MAX_CONTAINERS: '8',
      TZ: 'UTC',
      ...(docker ? { WHARFIE_DOCKER_SOCKET: docker.socket } : {}),
    },
  );
  // The level of a host in use, so that what a line costs is in; written nowhere.
  const log = pino({ level: 'info', base: null }, { write: () => {} });
  const base = createBase({ config, env: createEnvFile(config.paths.envFile), log });
  const { adapter, arrivals } = createBenchAdapter();
  const containers = createContainers(base, (sessionId, dueAt) =>
    outbound.sweep.dueChanged(sessionId, dueAt),
  );
  const outbound = createOutbound(base, containers, { get: (type) => inbound.registry.get(type) });
  const inbound = createInbound(base, containers, outbound, {
    registration: createHostRegistration(base),
    welcome: () => [],
    adapters: () => adapters ?? [adapter],
  });
  await containers.runner.boot();
  await outbound.sweep.start();
  inbound.registry.start();
  inbound.typing.start();

  return {
    ...{ home, base, containers, outbound, inbound },
    /** A chat with an agent of this host's provider; gives its session. */
    wire: (name: string) => wireChat(base, containers.sessions, { name, provider }),
    wireTo: (at: Address) => wireChat(base, containers.sessions, { name: 'chat', provider, at }),
    /** Says something in a chat, and resolves with the reply as the adapter was asked to deliver it. */
    async ask(chat: string, text: string): Promise<DeliverRequest> {
      const heard = arrivals.next(chat);
      await inbound.router.routeInbound(adapter.event(chat, text));
      return heard;
    },
    async close() {
      inbound.typing.stop();
      await inbound.router.close();
      outbound.sweep.stop();
      await outbound.delivery.stop(1000);
      await inbound.registry.stop();
      await containers.runner.close();
      await containers.gateway.stop();
      await containers.reader.close();
      await containers.sessions.close();
      if (docker) await removeContainers(docker, config.installationId);
      base.db.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

export type BenchHost = Awaited<ReturnType<typeof createBenchHost>>;
