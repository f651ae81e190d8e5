import { assistantNameOf } from '../db/central/agent-groups.js';
import type { AgentGroup, ContainerConfig, Session } from '../db/types.js';
import type { ContainerLimits, ContainerSpec, Mount } from '../engine/types.js';
import type { SessionPaths } from '../session-manager.js';

export interface Owner {
  uid: number;
  gid: number;
}

const MIB = 1024 ** 2;
const DEFAULT_LIMITS: ContainerLimits = {
  memoryBytes: 2048 * MIB,
  cpus: 2,
  pids: 512,
  fileSizeBytes: 1024 * MIB,
};

export function limitsOf(config: ContainerConfig): ContainerLimits {
  return {
    ...DEFAULT_LIMITS,
    memoryBytes: config.memoryBytes ?? DEFAULT_LIMITS.memoryBytes,
    cpus: config.cpus ?? DEFAULT_LIMITS.cpus,
    pids: config.pids ?? DEFAULT_LIMITS.pids,
  };
}

/** The session's folder as the container sees it (docs/contracts.md#session-folder). */
export function sessionMounts(paths: SessionPaths): Mount[] {
  const mount = (source: string, target: string, readOnly = false): Mount => ({ source, target, readOnly });
  return [
    mount(paths.in, '/workspace/in', true),
    mount(paths.outboundDb, '/workspace/outbound.db'),
    mount(paths.outboundJournal, '/workspace/outbound.db-journal'),
    mount(paths.out, '/workspace/out'),
    mount(paths.group, '/workspace/agent'),
    mount(paths.global, '/workspace/global', true),
    mount(paths.home, '/home/node'),
  ];
}

/** What stays the same for every container of an installation. */
export interface SpecDefaults {
  image: string;
  timeZone: string;
  /** Arms a crash point in the runner; tests only. */
  runnerCrashAt?: string | undefined;
}

export function containerSpec(input: {
  name: string;
  session: Session;
  agentGroup: AgentGroup;
  incarnation: number;
  mode: ContainerSpec['mode'];
  mounts: Mount[];
  defaults: SpecDefaults;
}): ContainerSpec {
  const { session, agentGroup, incarnation, mode, defaults } = input;
  const { model } = agentGroup.containerConfig;
  return {
    name: input.name,
    sessionId: session.id,
    incarnation,
    image: defaults.image,
    mode,
    env: {
      WHARFIE_SESSION_ID: session.id,
      WHARFIE_INCARNATION: String(incarnation),
      WHARFIE_MODE: mode,
      WHARFIE_PROVIDER: agentGroup.agentProvider,
      WHARFIE_ASSISTANT_NAME: assistantNameOf(agentGroup),
      TZ: defaults.timeZone,
      ...(model === undefined ? {} : { WHARFIE_MODEL: model }),
      ...(defaults.runnerCrashAt ? { WHARFIE_CRASH_AT: defaults.runnerCrashAt } : {}),
    },
    mounts: input.mounts,
    limits: limitsOf(agentGroup.containerConfig),
    user: null,
  };
}
