import { createAgentGroup, getAgentGroupByFolder } from '../../../src/db/agent-groups.js';
import { createMessagingGroup } from '../../../src/db/messaging-groups.js';
import {
  type AgentProvider,
  containerConfigSchema,
  type Session,
  type SessionMode,
} from '../../../src/db/types.js';
import { createWiring } from '../../../src/db/wirings.js';
import type { HostBase } from '../../../src/host/base.js';
import type { SessionManager } from '../../../src/session-manager.js';
import { BENCH_CHANNEL } from './adapter.js';

/**
 * A chat of the benchmark's channel with an agent group of its own (or the one of `folder`), and its session. Written
 * to the tables directly: registration knows only channels that people can have.
 */
export function wireChat(
  { db, clock }: Pick<HostBase, 'db' | 'clock'>,
  sessions: Pick<SessionManager, 'resolve'>,
  chat: { name: string; provider: AgentProvider; folder?: string; mode?: SessionMode },
): Session {
  const { name, provider, folder = chat.name, mode = 'shared' } = chat;
  const createdAt = clock.now();
  const agentGroup = getAgentGroupByFolder(db, folder) ?? {
    ...{ id: `ag_${folder}`, name: folder, folder, isAdmin: false, agentProvider: provider, createdAt },
    containerConfig: containerConfigSchema.parse({}),
  };
  if (!getAgentGroupByFolder(db, folder)) createAgentGroup(db, agentGroup);
  const messagingGroup = {
    ...{ id: `mg_${name}`, channelType: BENCH_CHANNEL, platformId: `${BENCH_CHANNEL}:${name}`, name },
    ...{ isGroup: false, adminUserId: null, unknownSenderPolicy: 'open' as const, createdAt },
    ...{ lastPlatformMessageId: null, lastPlatformAt: null },
  };
  createMessagingGroup(db, messagingGroup);
  createWiring(db, {
    ...{ id: `mga_${name}`, messagingGroupId: messagingGroup.id, agentGroupId: agentGroup.id, createdAt },
    ...{ sessionMode: mode, priority: 0 },
    triggerRules: { requiresTrigger: false, whenIgnored: 'drop', bots: false },
  });
  return sessions.resolve({ agentGroup, messagingGroup, threadId: '', mode });
}
