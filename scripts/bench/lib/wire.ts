import type { Address } from '../../../src/address.js';
import { createAgentGroup } from '../../../src/db/central/agent-groups.js';
import { createMessagingGroup } from '../../../src/db/central/messaging-groups.js';
import { createWiring } from '../../../src/db/central/wirings.js';
import { type AgentProvider, containerConfigSchema, type Session } from '../../../src/db/types.js';
import type { HostBase } from '../../../src/host/base.js';
import type { SessionManager } from '../../../src/session-manager.js';
import { BENCH_CHANNEL } from './adapter.js';

/**
 * A chat (default: of the benchmark's channel) with an agent group of its own, and its session. Written to the tables
 * directly: registration knows only channels that people can have.
 */
export function wireChat(
  { db, clock }: Pick<HostBase, 'db' | 'clock'>,
  sessions: Pick<SessionManager, 'resolve'>,
  chat: { name: string; provider: AgentProvider; at?: Pick<Address, 'channelType' | 'platformId'> },
): Session {
  const { name, provider } = chat;
  const { channelType, platformId } = chat.at ?? {
    channelType: BENCH_CHANNEL,
    platformId: `${BENCH_CHANNEL}:${name}`,
  };
  const createdAt = clock.now();
  const agentGroup = {
    ...{
      id: `ag_${name}`,
      name,
      folder: name,
      place: 'data' as const,
      isAdmin: false,
      agentProvider: provider,
      createdAt,
    },
    containerConfig: containerConfigSchema.parse({}),
  };
  createAgentGroup(db, agentGroup);
  const messagingGroup = {
    ...{ id: `mg_${name}`, channelType, platformId, name },
    ...{ isGroup: false, adminUserId: null, unknownSenderPolicy: 'open' as const, createdAt },
    ...{ lastPlatformMessageId: null, lastPlatformAt: null },
  };
  createMessagingGroup(db, messagingGroup);
  createWiring(db, {
    ...{ id: `mga_${name}`, messagingGroupId: messagingGroup.id, agentGroupId: agentGroup.id, createdAt },
    ...{ sessionMode: 'shared', priority: 0 },
    triggerRules: { requiresTrigger: false, whenIgnored: 'drop', bots: false },
  });
  return sessions.resolve({ agentGroup, messagingGroup, threadId: '', mode: 'shared' });
}
