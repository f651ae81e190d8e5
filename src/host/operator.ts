import type { CliOperator } from '../channels/cli/operator.js';
import type { ChannelState } from '../channels/cli/protocol.js';
import type { ChannelRegistry, ChannelStatus } from '../channels/registry.js';
import { sayAtOnce } from './say.js';

/** What steps may ask of the running host over its terminal socket, which only the owner can open. */
export function createOperator(registry: () => Pick<ChannelRegistry, 'get' | 'status'>): CliOperator {
  return {
    channels: () => registry().status().map(describe),
    post: (to, text) => sayAtOnce(registry(), to, text),
  };
}

function describe({ channelType, health }: ChannelStatus): ChannelState {
  const { state } = health;
  switch (state) {
    case 'connected':
      return { channelType, state, detail: '', fix: '' };
    case 'connecting':
      return { channelType, state, detail: health.detail, fix: '' };
    case 'unconfigured':
      return {
        channelType,
        state,
        detail: `missing: ${health.missing.join(', ')}`,
        fix: `npx tsx setup/index.ts --step channel -- --auth ${channelType}`,
      };
    case 'failed':
      return { channelType, state, detail: health.detail, fix: health.fix };
  }
}
