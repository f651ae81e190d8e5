import { type Clock, type Random, sleep, type Timer } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { ChannelAdapter, ChannelHealth, ChannelHost } from '../adapter.js';
import { backoffMs } from '../backoff.js';
import type { ChannelStatus } from './index.js';

export interface Supervisor {
  readonly adapter: ChannelAdapter;
  start(): void;
  status(): ChannelStatus;
  retry(): void;
  stop(graceMs: number): Promise<void>;
}

export interface SupervisorDeps {
  adapter: ChannelAdapter;
  host: ChannelHost;
  clock: Clock;
  random: Random;
  log: Log;
}

const LONGEST_STOP_MS = 10_000;

/** Keeps one channel running: starts it, tries again with back-off, restarts it when it says that it has failed. */
export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { adapter, clock, log } = deps;
  let phase: 'idle' | 'starting' | 'running' | 'waiting' | 'stopped' = 'idle';
  let failures = 0;
  let startedAt = 0;
  let nextTryAt: number | null = null;
  let timer: Timer | null = null;
  let failure: ChannelHealth | null = null;
  let reported = '';
  let known = { state: '', since: clock.now() };

  const health = (): ChannelHealth => {
    if (phase === 'running') return adapter.health();
    return failure ?? { state: 'connecting', detail: phase === 'stopped' ? 'stopped' : 'starting' };
  };

  /** One line a change, so that a channel that is down for a day does not fill the log. */
  function report(): void {
    const now = health();
    sinceWhen();
    const key = JSON.stringify(now);
    if (key === reported) return;
    reported = key;
    if (now.state === 'connected') log.info({}, 'channel connected');
    else if (now.state === 'connecting') log.info({ detail: now.detail }, 'channel connecting');
    else if (now.state === 'unconfigured') {
      log.warn({ missing: now.missing }, 'channel has no credentials yet: it starts when they are in .env');
    } else log.warn({ detail: now.detail, fix: now.fix }, 'channel failed');
  }

  function sinceWhen(): number {
    const { state } = health();
    if (known.state !== state) known = { state, since: clock.now() };
    return known.since;
  }

  const host: ChannelHost = {
    receive: (event) => deps.host.receive(event),
    admits: (asked) => deps.host.admits?.(asked) ?? 'all',
    unread: (message, error) => deps.host.unread(message, error),
    moved: (chat) => deps.host.moved?.(chat),
    cursors: () => deps.host.cursors(),
    healthChanged() {
      if (phase === 'stopped') return;
      report();
      deps.host.healthChanged();
      if (phase === 'running' && adapter.health().state === 'failed') void restart();
    },
  };

  async function launch(): Promise<void> {
    phase = 'starting';
    nextTryAt = null;
    startedAt = clock.monotonic();
    try {
      await adapter.start(host);
      if (isStopped()) return;
      phase = 'running';
      failure = null;
    } catch (error) {
      failure = failureOf(adapter.health(), error);
      log.debug({ code: codeOf(error), reason: reasonOf(error) }, 'channel did not start');
      await stopped(LONGEST_STOP_MS);
      if (isStopped()) return;
      wait();
    }
    host.healthChanged();
  }

  async function restart(): Promise<void> {
    failure = adapter.health();
    phase = 'waiting';
    await stopped(LONGEST_STOP_MS);
    if (isStopped()) return;
    wait();
    host.healthChanged();
  }

  function wait(): void {
    // One that ran for a while before it failed begins anew; one that fails at each start waits ever longer.
    if (clock.monotonic() - startedAt > 10 * 60_000) failures = 0;
    const ms = backoffMs(failures, deps.random);
    failures += 1;
    phase = 'waiting';
    nextTryAt = clock.now() + ms;
    timer = clock.after(ms, () => void launch());
  }

  const isStopped = () => phase === 'stopped';

  /** One that hangs in its stop is left behind. */
  async function stopped(longestMs: number): Promise<void> {
    const stopping = adapter.stop().catch((error) => log.warn({ reason: reasonOf(error) }, 'channel stop'));
    await Promise.race([stopping, sleep(clock, longestMs)]);
  }

  return {
    adapter,
    start() {
      if (phase === 'idle') void launch();
    },
    status: () => ({
      channelType: adapter.channelType,
      health: health(),
      since: sinceWhen(),
      botName: adapter.botName?.() ?? null,
      failures: phase === 'running' ? 0 : failures,
      nextTryAt,
    }),
    retry() {
      failures = 0;
      if (phase !== 'waiting' || nextTryAt === null) return;
      timer?.cancel();
      void launch();
    },
    async stop(graceMs) {
      phase = 'stopped';
      timer?.cancel();
      await stopped(graceMs);
    },
  };
}

/** What the adapter says of itself where it says something, else what its start threw. */
function failureOf(said: ChannelHealth, error: unknown): ChannelHealth {
  if (said.state === 'failed' || said.state === 'unconfigured') return said;
  const fix =
    typeof error === 'object' && error !== null && 'fix' in error && typeof error.fix === 'string'
      ? error.fix
      : 'It is tried again by itself; ./wharfie verify tells more.';
  return { state: 'failed', detail: reasonOf(error), fix };
}
