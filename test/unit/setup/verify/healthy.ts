import type { BacklogFacts } from '../../../../setup/verify/backlog.js';
import type { ChannelSituation } from '../../../../setup/verify/channels.js';
import type { ContainerFacts } from '../../../../setup/verify/containers.js';
import type { InstallationFacts } from '../../../../setup/verify/installation.js';
import type { MachineFacts } from '../../../../setup/verify/machine.js';
import type { Problem } from '../../../../setup/verify/types.js';
import type { WiringFacts } from '../../../../setup/verify/wiring.js';
import { channels } from '../../../../src/channels/catalog/index.js';
import type { Status } from '../../../../src/host/status.js';

/** The facts of an installation in which all is well, and one of them changed. */
export const machine = (change: Partial<MachineFacts> = {}): MachineFacts => ({
  node: '20.19.0',
  freeBytes: 50e9,
  dataWritable: true,
  docker: null,
  needsDocker: true,
  clockSkewMs: 900,
  ...change,
});

export const installation = (change: Partial<InstallationFacts> = {}): InstallationFacts => ({
  differing: [],
  envMode: 0o600,
  database: null,
  barrel: null,
  unfinished: null,
  image: null,
  needsImage: true,
  service: null,
  hostRunning: true,
  platformChats: 1,
  repairEnvMode() {},
  ...change,
});

export function channel(change: Partial<ChannelSituation> = {}): ChannelSituation {
  const facts = channels.discord;
  if (!facts) throw new Error('the catalog has no discord');
  return {
    facts,
    line: 'on',
    remembered: true,
    installed: facts.package?.version ?? null,
    present: facts.credentials.map((one) => one.name),
    malformed: [],
    problems: [],
    health: { channelType: 'discord', state: 'connected', detail: '', fix: '' },
    restart: './wharfie service',
    wired: 1,
    ...change,
  };
}

export const wiring = (change: Partial<WiringFacts> = {}): WiringFacts => ({
  chats: [
    { platformId: 'discord:1:2', channelType: 'discord', normalized: 'discord:1:2', providers: ['claude'] },
    { platformId: 'cli:local', channelType: 'cli', normalized: 'cli:local', providers: ['mock'] },
  ],
  bad: [],
  dangling: 0,
  badGroups: [],
  agentGroups: [
    { folder: 'family', chats: 1, isMain: true, files: 'data/groups/family', folderExists: true },
  ],
  misplaced: [],
  mounts: [],
  wideLists: [],
  hasMain: true,
  mainFix: null,
  hasOwner: true,
  ownerFix: null,
  enabledChannels: 1,
  unwired: [],
  repairDangling() {},
  repairFolder() {},
  repairGroup() {},
  repairId() {},
  ...change,
});

export const container = (change: Partial<ContainerFacts> = {}): ContainerFacts => ({
  name: 'wharfie-x',
  networkMode: 'none',
  readOnlyRoot: true,
  droppedCapabilities: ['ALL'],
  addedCapabilities: [],
  privileged: false,
  securityOptions: ['no-new-privileges:true', 'seccomp={}'],
  limits: { memory: 2 ** 31, memoryAndSwap: 2 ** 31, nanoCpus: 2e9, pids: 512, fileSize: 2 ** 30 },
  hasInit: true,
  shared: ['private'],
  devices: 0,
  logDriver: 'local',
  mounts: [
    { source: '/srv/data/in', target: '/workspace/in', readOnly: true },
    { source: '/srv/data/out', target: '/workspace/out', readOnly: false },
  ],
  environment: ['ANTHROPIC_API_KEY=wharfie-placeholder', 'TZ=UTC'],
  ...change,
});

export const backlog = (change: Partial<BacklogFacts> = {}): BacklogFacts => ({
  troubled: [],
  staleClaims: [],
  unreadable: [],
  setAside: 0,
  givingUp: [],
  oldestWaitingMs: 60_000,
  ...change,
});

export const troubled = (state: Status['troubled'][number]['state']): Status['troubled'][number] => ({
  sessionId: 'ses_1',
  key: 'out:1',
  part: 0,
  state,
  to: { channelType: 'discord', platformId: 'discord:1:2', threadId: '' },
  attempts: 3,
  nextAttemptAt: null,
  lastError: 'no',
  createdAt: 0,
});

export const problem = (code: string): Problem => ({ code, message: 'Something is wrong.', fix: 'the cure' });
