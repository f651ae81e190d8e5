import type { ChannelAdapter } from '../channels/adapter.js';
import type { CliOperator } from '../channels/cli/operator.js';
import type { ChannelState, ChatAnswer } from '../channels/cli/protocol.js';
import type { ChannelRegistry, ChannelStatus } from '../channels/registry/index.js';
import { type Clock, sleep } from '../clock.js';
import { type Config, settingsOf } from '../config.js';
import { reasonOf } from '../errors.js';
import type { HostVoice } from '../voice/index.js';
import type { Watchdog } from './watchdog.js';

export interface OperatorDeps {
  /** Reached late: the terminal is one of its channels. */
  registry(): Pick<ChannelRegistry, 'status' | 'get'>;
  voice: Pick<HostVoice, 'post'>;
  config: Config;
  terminalOnly: boolean;
  clock: Clock;
  watchdog: Pick<Watchdog, 'longestStopMs'>;
  /** The process environment. */
  env: Readonly<Record<string, string | undefined>>;
}

const ASK_MS = 15_000;

/** What steps may ask of the running host over its terminal socket, which only the owner can open. */
export function createOperator(deps: OperatorDeps): CliOperator {
  const { registry, voice, config, terminalOnly, clock, watchdog, env } = deps;
  const settings = settingsOf(config);
  const about = {
    startedAt: clock.now(),
    node: process.versions.node,
    terminalOnly,
    settings,
    fromEnvironment: Object.keys(settings).filter((name) => env[name]),
  };
  return {
    channels: () => registry().status().map(describe),
    about: () => ({ ...about, longestStopMs: watchdog.longestStopMs() }),
    chat: (channelType, platformId) => lookUp(registry().get(channelType), platformId, clock),
    post: voice.post,
  };
}

async function lookUp(
  adapter: ChannelAdapter | undefined,
  platformId: string,
  clock: Clock,
): Promise<ChatAnswer> {
  if (!adapter) return { state: 'not-asked', why: 'the running host does not have this channel' };
  if (!adapter.resolveChat) return { state: 'not-asked', why: 'this platform cannot be asked about a chat' };
  const late = sleep(clock, ASK_MS).then(() => 'late' as const);
  try {
    const found = await Promise.race([adapter.resolveChat(platformId), late]);
    if (found === 'late') return { state: 'not-asked', why: 'the platform did not answer in time' };
    return found ? { state: 'found', ...found } : { state: 'not-found' };
  } catch (error) {
    return { state: 'not-asked', why: reasonOf(error) };
  }
}

function describe({ channelType, health, since, botName }: ChannelStatus): ChannelState {
  const { state } = health;
  switch (state) {
    case 'connected':
      return { channelType, state, detail: '', fix: '', since, ...(botName !== null && { bot: botName }) };
    case 'connecting':
      return { channelType, state, detail: health.detail, fix: '', since };
    case 'unconfigured':
      return {
        channelType,
        state,
        detail: `missing: ${health.missing.join(', ')}`,
        fix: `./wharfie channel --auth ${channelType}`,
        since,
      };
    case 'failed':
      return { channelType, state, detail: health.detail, fix: health.fix, since };
  }
}
