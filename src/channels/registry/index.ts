import type { Clock, Random } from '../../clock.js';
import type { Log } from '../../log/index.js';
import type { ChannelAdapter, ChannelHealth, ChannelHost } from '../adapter.js';
import { atCurrentIds } from './current-ids.js';
import { createSupervisor, type Supervisor } from './supervisor.js';

export interface RegistryDeps {
  /** Every enabled channel, one adapter a type. */
  adapters: readonly ChannelAdapter[];
  /** What a channel of this type needs of the host. */
  hostFor(channelType: string): ChannelHost;
  /** Under which id a chat of that channel is found today. Default: the same. */
  currentId?(channelType: string, platformId: string): string;
  clock: Clock;
  random: Random;
  log: Log;
}

export interface ChannelStatus {
  channelType: string;
  health: ChannelHealth;
  /** Since when it has been in this state, epoch milliseconds. */
  since: number;
  /** How a person mentions the bot there; null: not known. */
  botName: string | null;
  /** Starts that failed in a row. */
  failures: number;
  /** When it is tried again, epoch milliseconds; null: it runs, or it is being started. */
  nextTryAt: number | null;
}

export interface ChannelRegistry {
  /** Starts every channel, each on its own. Returns at once and never throws: what fails is tried again for ever. */
  start(): void;
  get(channelType: string): ChannelAdapter | undefined;
  status(): ChannelStatus[];
  /** Tries a channel that waits at once (a credential was put in). */
  retry(channelType: string): void;
  /** Stops every channel; a channel that does not stop in `graceMs` is left behind. */
  stop(graceMs?: number): Promise<void>;
}

/** Runs the channels side by side: one that fails, hangs or throws stops no other. */
export function createChannelRegistry(deps: RegistryDeps): ChannelRegistry {
  const supervisors = new Map<string, Supervisor>();
  for (const adapter of deps.adapters) {
    const { channelType } = adapter;
    if (supervisors.has(channelType)) throw new Error(`two adapters for the channel ${channelType}`);
    supervisors.set(
      channelType,
      createSupervisor({
        adapter,
        host: deps.hostFor(channelType),
        clock: deps.clock,
        random: deps.random,
        log: deps.log.child({ channel: channelType }),
      }),
    );
  }
  const reached = new Map(
    deps.adapters.map((adapter) => {
      const { currentId } = deps;
      return [adapter.channelType, currentId ? atCurrentIds(adapter, currentId) : adapter] as const;
    }),
  );
  return {
    start() {
      for (const supervisor of supervisors.values()) supervisor.start();
    },
    get: (channelType) => reached.get(channelType),
    status: () => [...supervisors.values()].map((supervisor) => supervisor.status()),
    retry: (channelType) => supervisors.get(channelType)?.retry(),
    async stop(graceMs = 5000) {
      await Promise.all([...supervisors.values()].map((supervisor) => supervisor.stop(graceMs)));
    },
  };
}
