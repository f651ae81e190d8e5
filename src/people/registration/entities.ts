import { createAgentGroup, getAgentGroupByFolder, updateAgentGroup } from '../../db/central/agent-groups.js';
import type { CentralDb } from '../../db/central/index.js';
import {
  createMessagingGroup,
  findMessagingGroup,
  updateMessagingGroup,
} from '../../db/central/messaging-groups.js';
import {
  createWiring,
  deleteWiring,
  getMessagingGroupAgentByPair,
  listWiredFolders,
  updateWiring,
} from '../../db/central/wirings.js';
import { BadRowError } from '../../db/stored-json.js';
import { type AgentGroup, containerConfigSchema, type MessagingGroup, type Wiring } from '../../db/types.js';
import { newId } from '../../ids.js';
import { changesBetween, type FieldChange } from './changes.js';
import type { CheckedRequest } from './request.js';

/** An entity as it is now, whether this registration made it, and what it changed. */
export interface Reconciled<T> {
  value: T;
  created: boolean;
  changes: FieldChange[];
}

export function reconcileAgentGroup(
  db: CentralDb,
  request: CheckedRequest,
  defaultAssistantName: string,
  now: number,
): Reconciled<AgentGroup> {
  const existing = getAgentGroupByFolder(db, request.folder);
  if (!existing) {
    const value: AgentGroup = {
      id: newId('ag'),
      name: request.name,
      folder: request.folder,
      place: 'data',
      isAdmin: false,
      agentProvider: request.provider ?? 'claude',
      containerConfig: containerConfigSchema.parse({
        assistantName: request.assistantName ?? defaultAssistantName,
      }),
      createdAt: now,
    };
    createAgentGroup(db, value);
    return { value, created: true, changes: [] };
  }
  const { assistantName = existing.containerConfig.assistantName } = request;
  const value = {
    ...existing,
    agentProvider: request.provider ?? existing.agentProvider,
    containerConfig: { ...existing.containerConfig, ...(assistantName && { assistantName }) },
  };
  const changes = changesBetween('agentGroup', existing, value);
  if (changes.length > 0) updateAgentGroup(db, value);
  return { value, created: false, changes };
}

/** `counterpart`: who is at the other end of a direct message, where that is known. `isGroup`: as the id tells. */
export function reconcileMessagingGroup(
  db: CentralDb,
  request: CheckedRequest,
  chat: { platformId: string; counterpart: string | null; wasWired: boolean; isGroup: boolean },
  now: number,
): Reconciled<MessagingGroup> {
  const existing = findMessagingGroup(db, request.channelType, chat.platformId);
  const isGroup = request.isGroup ?? existing?.isGroup ?? chat.isGroup;
  const adminUserId = request.adminUserId ?? existing?.adminUserId ?? (isGroup ? null : chat.counterpart);
  // An explicitly registered chat answers: a chat that only made itself known is opened here.
  const explicit = existing !== undefined && chat.wasWired;
  const answering = isGroup || adminUserId === null ? 'open' : 'pair';
  const value: MessagingGroup = {
    id: existing?.id ?? newId('mg'),
    channelType: request.channelType,
    platformId: chat.platformId,
    name: request.name,
    isGroup,
    adminUserId,
    unknownSenderPolicy: request.unknownSenders ?? (explicit ? existing.unknownSenderPolicy : answering),
    lastPlatformMessageId: existing?.lastPlatformMessageId ?? null,
    lastPlatformAt: existing?.lastPlatformAt ?? null,
    createdAt: existing?.createdAt ?? now,
  };
  if (!existing) {
    createMessagingGroup(db, value);
    return { value, created: true, changes: [] };
  }
  const changes = changesBetween('messagingGroup', existing, value);
  if (changes.length > 0) updateMessagingGroup(db, value);
  return { value, created: false, changes };
}

export function reconcileWiring(
  db: CentralDb,
  request: CheckedRequest,
  pair: { messagingGroup: MessagingGroup; agentGroup: AgentGroup; defaultTrigger: string },
  now: number,
): Reconciled<Wiring> {
  const { messagingGroup, agentGroup } = pair;
  const existing = usableWiring(db, messagingGroup.id, agentGroup.id);
  const rules = existing?.triggerRules;
  const initial = messagingGroup.isGroup ? pair.defaultTrigger : undefined;
  const kept = rules ? rules.pattern : initial;
  const pattern = request.trigger === undefined ? kept : (request.trigger ?? undefined);
  const value: Wiring = {
    id: existing?.id ?? newId('mga'),
    messagingGroupId: messagingGroup.id,
    agentGroupId: agentGroup.id,
    triggerRules: {
      ...(pattern === undefined ? {} : { pattern }),
      requiresTrigger: request.requiresTrigger ?? rules?.requiresTrigger ?? messagingGroup.isGroup,
      whenIgnored: request.whenIgnored ?? rules?.whenIgnored ?? 'drop',
      bots: request.bots ?? rules?.bots ?? false,
    },
    sessionMode: request.sessionMode ?? existing?.sessionMode ?? 'shared',
    priority: request.priority ?? existing?.priority ?? 0,
    createdAt: existing?.createdAt ?? now,
  };
  if (!existing) {
    createWiring(db, value);
    return { value, created: true, changes: [] };
  }
  const changes = changesBetween('wiring', existing, value);
  if (changes.length > 0) updateWiring(db, value);
  return { value, created: false, changes };
}

/** The wiring of the pair. One that cannot be used is removed: registering again is its cure. */
function usableWiring(db: CentralDb, messagingGroupId: string, agentGroupId: string): Wiring | undefined {
  try {
    return getMessagingGroupAgentByPair(db, messagingGroupId, agentGroupId);
  } catch (error) {
    if (!(error instanceof BadRowError)) throw error;
    const bad = listWiredFolders(db, messagingGroupId).find((one) => one.agentGroupId === agentGroupId);
    if (bad) deleteWiring(db, bad.wiringId);
    return undefined;
  }
}
