import { z } from 'zod';

/** What one container of an agent group may use. */
export const containerConfigSchema = z
  .object({
    /** What the agent calls itself; left out: the agent group's name. */
    assistantName: z.string().min(1).optional(),
    model: z.string().optional(),
    /** `model`: the model API and nothing else · `web`: public hosts · a list of domains. */
    egress: z.union([z.literal('model'), z.literal('web'), z.array(z.string())]).default('model'),
    /** Folders of the host, `rw` only where the allow-list says so too. */
    mounts: z.array(z.object({ path: z.string(), readOnly: z.boolean().default(true) })).default([]),
    memoryBytes: z.number().int().positive().optional(),
    cpus: z.number().positive().optional(),
    pids: z.number().int().positive().optional(),
    /** Bytes that a conversation's own folder, and the agent group's folder, may each take on disk. */
    diskBytes: z.number().int().positive().optional(),
    serverTools: z.array(z.string()).default([]),
    /** Tasks that may be active at once, in all conversations of the agent group together. */
    maxTasks: z.number().int().min(0).optional(),
    /** The shortest time between two runs of one task. */
    minTaskIntervalMs: z.number().int().positive().optional(),
  })
  .strict();
export type ContainerConfig = z.infer<typeof containerConfigSchema>;

/** Who wakes an agent in a chat (docs/architecture.md#engagement). */
export const triggerRulesSchema = z
  .object({
    pattern: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
    requiresTrigger: z.boolean().default(true),
    whenIgnored: z.enum(['drop', 'context']).default('drop'),
    bots: z.boolean().default(false),
  })
  .strict();
export type TriggerRules = z.infer<typeof triggerRulesSchema>;

export type AgentProvider = 'claude' | 'mock';
export type SessionMode = 'shared' | 'per-thread' | 'agent-shared';
export type UnknownSenderPolicy = 'open' | 'known' | 'pair';
export type ContainerState = 'stopped' | 'starting' | 'running' | 'stopping';
export type Role = 'owner' | 'admin' | 'member' | 'blocked';

export interface AgentGroup {
  id: string;
  name: string;
  folder: string;
  /** Its folder lies in `data/groups/`, or still in `groups/`, where versions before kept it. */
  place: 'groups' | 'data';
  isAdmin: boolean;
  agentProvider: AgentProvider;
  containerConfig: ContainerConfig;
  createdAt: number;
}

export interface MessagingGroup {
  id: string;
  channelType: string;
  platformId: string;
  name: string;
  isGroup: boolean;
  adminUserId: string | null;
  unknownSenderPolicy: UnknownSenderPolicy;
  lastPlatformMessageId: string | null;
  lastPlatformAt: number | null;
  createdAt: number;
}

export interface Wiring {
  id: string;
  messagingGroupId: string;
  agentGroupId: string;
  triggerRules: TriggerRules;
  sessionMode: SessionMode;
  priority: number;
  createdAt: number;
}

export interface Session {
  id: string;
  agentGroupId: string;
  messagingGroupId: string | null;
  threadId: string;
  containerState: ContainerState;
  incarnation: number;
  tries: number;
  nextDueAt: number | null;
  lastActiveAt: number;
  createdAt: number;
}
