import type { Clock } from '../clock.js';
import { getAgentGroupByFolder, updateAgentGroup } from '../db/central/agent-groups.js';
import { addAudit } from '../db/central/audit.js';
import type { CentralDb } from '../db/central/index.js';
import {
  type AgentGroup,
  type AgentProvider,
  type ContainerConfig,
  containerConfigSchema,
} from '../db/types.js';
import { WharfieError } from '../errors.js';
import { changesBetween, type FieldChange } from './registration/changes.js';
import { refuseMockOnPlatform } from './registration/mock-rule.js';

/** Codes: `unknown-folder`. Nothing was written. */
export class AgentSettingsError extends WharfieError {}

export interface AgentSettings {
  provider?: AgentProvider;
  egress?: ContainerConfig['egress'];
  /** Null: the provider's own choice. */
  model?: string | null;
  /** Null: the default, of each of these. */
  memoryBytes?: number | null;
  diskBytes?: number | null;
  cpus?: number | null;
  pids?: number | null;
  maxTasks?: number | null;
  minTaskIntervalMs?: number | null;
  mounts?: ContainerConfig['mounts'];
}

/** Changes what one agent group's containers may use, from their next start on. Throws, and then nothing is changed. */
export function changeAgentSettings(
  deps: { db: CentralDb; clock: Clock },
  folder: string,
  settings: AgentSettings,
): { agentGroup: AgentGroup; changes: FieldChange[] } {
  const { db, clock } = deps;
  const change = db.transaction(() => {
    const before = requireAgentGroup(db, folder);
    const containerConfig = configWith(before.containerConfig, settings);
    const agentGroup = {
      ...before,
      agentProvider: settings.provider ?? before.agentProvider,
      containerConfig,
    };
    const changes = [
      ...changesBetween(
        'agentGroup',
        { provider: before.agentProvider },
        { provider: agentGroup.agentProvider },
      ),
      ...changesBetween('containerConfig', everyKey(before.containerConfig), everyKey(containerConfig)),
    ];
    if (changes.length === 0) return { agentGroup, changes };
    updateAgentGroup(db, agentGroup);
    refuseMockOnPlatform(db, agentGroup);
    const entry = {
      actor: 'setup',
      action: 'agent-group.changed',
      subject: before.folder,
      detail: { changes },
    };
    addAudit(db, entry, clock.now());
    return { agentGroup, changes };
  });
  return change.immediate();
}

/** The agent group of a folder. Throws `unknown-folder`. */
export function requireAgentGroup(db: CentralDb, folder: string): AgentGroup {
  const found = getAgentGroupByFolder(db, folder);
  if (found) return found;
  throw new AgentSettingsError(
    'unknown-folder',
    `There is no agent group ${JSON.stringify(folder)}.`,
    'See which there are: ./wharfie group --list',
  );
}

const OPTIONAL = [
  'model',
  'memoryBytes',
  'diskBytes',
  'cpus',
  'pids',
  'maxTasks',
  'minTaskIntervalMs',
] as const;

function configWith(before: ContainerConfig, settings: AgentSettings): ContainerConfig {
  const { egress, mounts } = settings;
  const config: ContainerConfig = { ...before, ...(egress && { egress }), ...(mounts && { mounts }) };
  const changed = OPTIONAL.filter((name) => settings[name] !== undefined);
  const kept = Object.entries(config).filter(([name]) => !changed.some((one) => one === name));
  const set = changed.flatMap((name) => (settings[name] === null ? [] : [[name, settings[name]]]));
  return containerConfigSchema.parse(Object.fromEntries([...kept, ...set]));
}

/** With the keys that may be absent, so that one that goes away is a change too; those last. */
function everyKey(config: ContainerConfig) {
  const { model = null, memoryBytes = null, diskBytes = null, cpus = null, pids = null, ...others } = config;
  const { maxTasks = null, minTaskIntervalMs = null, ...rest } = others;
  return { ...rest, model, memoryBytes, diskBytes, cpus, pids, maxTasks, minTaskIntervalMs };
}
