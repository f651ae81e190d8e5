import { homedir } from 'node:os';
import { assistantNameOf, listAgentGroups } from '../src/db/central/agent-groups.js';
import type { CentralDb } from '../src/db/central/index.js';
import { listWiringsOfAgentGroup } from '../src/db/central/wirings.js';
import type { AgentGroup, ContainerConfig } from '../src/db/types.js';
import { isTooWide } from '../src/egress/suffixes.js';
import { isWithin } from '../src/mounts/blocked.js';
import { checkMount, mountRules, writableFolders } from '../src/mounts/index.js';
import { type AgentSettings, changeAgentSettings, requireAgentGroup } from '../src/people/agent-settings.js';
import { shownName } from '../src/shown-name.js';
import { limitsOf, spanWords } from '../src/tasks/bounds.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { type Installation, withInstallation } from './lib/installation.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';
import { byteSize, exactlyOne, invalidValue, oneOf, timeSpan, wholeNumber } from './lib/values.js';

const flags: FlagSpec[] = [
  { name: 'list', kind: 'switch', help: 'every agent group and what it may use' },
  { name: 'folder', kind: 'value', hint: '<folder>', help: 'the agent group to show or change' },
  {
    name: 'egress',
    kind: 'value',
    hint: 'model|web|list:example.com,*.example.org',
    help: 'what it may reach: only the model, public web pages, or these hosts',
  },
  { name: 'model', kind: 'value', hint: '<model>', help: 'which model answers; default: its own choice' },
  {
    name: 'provider',
    kind: 'value',
    hint: 'claude|mock',
    help: 'who answers; mock for tests in the terminal',
  },
  {
    name: 'mount',
    kind: 'list',
    hint: '<folder>[:rw]',
    help: 'folders of this machine that it may see, instead of those before; none: no folder',
  },
  {
    name: 'memory',
    kind: 'value',
    hint: '2g|default',
    help: 'the most memory of one container; default: 2g',
  },
  {
    name: 'disk',
    kind: 'value',
    hint: '5g|default',
    help: 'the most that a conversation, and the folder of the agent group, may each take on disk; default: 5g',
  },
  {
    name: 'cpus',
    kind: 'value',
    hint: '2|default',
    help: 'the most processors of one container; default: 2',
  },
  {
    name: 'pids',
    kind: 'value',
    hint: '512|default',
    help: 'the most processes of one container; default: 512',
  },
  {
    name: 'max-tasks',
    kind: 'value',
    hint: '20|default',
    help: 'the most tasks that may be active at once, in all its conversations together; default: 20',
  },
  {
    name: 'min-task-interval',
    kind: 'value',
    hint: '5m|default',
    help: 'the shortest time between two runs of one task, 1m to 1h; default: 5m',
  },
];

const MIB = 1024 ** 2;
/** Less, and the agent does not get through a turn. */
const LEAST = { memory: 256 * MIB, disk: 64 * MIB, pids: 64 };
const MOST_CPUS = 256;
const MOST_PIDS = 100_000;
const MOST_TASKS = 1000;
const INTERVAL = { least: 60_000, most: 3_600_000 };

export const group: Step = {
  name: 'group',
  class: {
    '': 'reads',
    list: 'reads',
    folder: 'modifies',
    egress: 'grants',
    model: 'grants',
    provider: 'grants',
    mount: 'grants',
    memory: 'grants',
    disk: 'grants',
    cpus: 'grants',
    pids: 'grants',
    'max-tasks': 'grants',
    'min-task-interval': 'grants',
  },
  summary:
    'shows an agent group, or changes what its containers may use: its egress at once, the rest from their next start on',
  flags,
  async run(values, context) {
    const action = exactlyOne(values, ['list', 'folder']);
    const settings = settingsOf(values);
    return withInstallation(context, (installation) => {
      const { db } = installation;
      if (action === 'list') return listed(db);
      const folder = values.need('folder');
      if (Object.keys(settings).length === 0 && values.list('mount').length === 0) {
        return { status: 'success', fields: fieldsOf(db, requireAgentGroup(db, folder)) };
      }
      return change(context, installation, values, settings);
    });
  },
};

function change(
  { clock }: StepContext,
  { db, config }: Installation,
  values: FlagValues,
  settings: AgentSettings,
): StepResult {
  const folder = values.need('folder');
  const own = wishesOf(values.list('mount')).flatMap((wish) => (wish.readOnly ? [] : [wish.path]));
  const writable = [...writableFolders(db, folder), ...own];
  const mounts = mountsOf(values.list('mount'), () => mountRules(homedir(), config.paths, writable));
  for (const mount of mounts ?? []) if (!mount.readOnly) refuseAbove(db, folder, mount.path);
  const wanted = { ...settings, ...(mounts && { mounts }) };
  const { agentGroup, changes } = changeAgentSettings({ db, clock }, folder, wanted);
  const fields = {
    ...fieldsOf(db, agentGroup),
    CHANGED: changes.map((one) => one.field).join(', ') || 'nothing',
  };
  return { status: changes.length > 0 ? 'success' : 'skipped', fields };
}

function settingsOf(values: FlagValues): AgentSettings {
  const egress = values.value('egress');
  const model = values.value('model');
  const provider = oneOf(values, 'provider', ['claude', 'mock']);
  const memoryBytes = orDefault(values, 'memory', () => byteSize(values, 'memory', LEAST.memory));
  const diskBytes = orDefault(values, 'disk', () => byteSize(values, 'disk', LEAST.disk));
  const cpus = orDefault(values, 'cpus', () => cpusOf(values.value('cpus')));
  const pids = orDefault(values, 'pids', () => atMost(values, 'pids', LEAST.pids, MOST_PIDS));
  const maxTasks = orDefault(values, 'max-tasks', () => atMost(values, 'max-tasks', 0, MOST_TASKS));
  const minTaskIntervalMs = orDefault(values, 'min-task-interval', () =>
    timeSpan(values, 'min-task-interval', INTERVAL),
  );
  if (model !== undefined && !/^[\w.:/@[\]-]{1,200}$/.test(model)) {
    throw invalidValue('model', model, 'Give the name of a model as the API knows it.');
  }
  return {
    ...(egress !== undefined && { egress: egressOf(egress) }),
    ...(model !== undefined && { model: model === 'default' ? null : model }),
    ...(provider !== undefined && { provider }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(diskBytes !== undefined && { diskBytes }),
    ...(cpus !== undefined && { cpus }),
    ...(pids !== undefined && { pids }),
    ...(maxTasks !== undefined && { maxTasks }),
    ...(minTaskIntervalMs !== undefined && { minTaskIntervalMs }),
  };
}

/** Null where the default is asked for. */
function orDefault<T>(values: FlagValues, name: string, read: () => T): T | null {
  return values.value(name) === 'default' ? null : read();
}

function cpusOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const cpus = /^\d{1,3}(\.\d{1,2})?$/.test(given) ? Number(given) : 0;
  if (cpus >= 0.1 && cpus <= MOST_CPUS) return cpus;
  throw invalidValue('cpus', given, 'Give a number of processors of at least 0.1, as in 0.5 or 2.');
}

function atMost(values: FlagValues, name: string, least: number, most: number): number | undefined {
  const given = wholeNumber(values, name, least);
  if (given === undefined || given <= most) return given;
  throw invalidValue(name, String(given), `Give at most ${most}.`);
}

const HOST = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:\d{1,5})?$/;

function egressOf(given: string): ContainerConfig['egress'] {
  if (given === 'model' || given === 'web') return given;
  const hosts = given.startsWith('list:')
    ? given
        .slice(5)
        .toLowerCase()
        .split(',')
        .map((host) => host.trim())
    : [];
  const wide = hosts.find(isTooWide);
  if (wide !== undefined) {
    throw new UsageError(
      'egress-too-wide',
      `Anybody can register a name below ${wide.slice(2)}, so ${JSON.stringify(wide)} is no limit.`,
      'Name the hosts, or the domain of their owner: list:example.com,*.example.org',
    );
  }
  if (hosts.length > 0 && hosts.every((host) => HOST.test(host))) return hosts;
  throw invalidValue(
    'egress',
    given,
    'Give model, web, or list: with host names: list:example.com,*.example.org',
  );
}

function wishesOf(given: readonly string[]): { path: string; readOnly: boolean }[] {
  return given
    .filter((one) => one !== 'none')
    .map((one) => {
      const [, path = one, mode = 'ro'] = /^(.*):(rw|ro)$/.exec(one) ?? [];
      return { path, readOnly: mode === 'ro' };
    });
}

/** Another group's mount below a folder that this one is to write would never be mounted again. */
function refuseAbove(db: CentralDb, folder: string, source: string): void {
  for (const other of listAgentGroups(db)) {
    const below = other.containerConfig.mounts.find(({ path }) => path !== source && isWithin(path, source));
    if (other.folder === folder || !below) continue;
    const fix = `Leave :rw out, or take that one away first: ./wharfie group --folder ${other.folder} --mount none`;
    const message = `${below.path}, which the group ${other.folder} may see, lies in ${source}: who writes there could put anything in its place.`;
    throw new UsageError('mount-above-another', message, fix);
  }
}

/** The wishes, each allowed; undefined where none was given. */
function mountsOf(
  given: readonly string[],
  rules: () => ReturnType<typeof mountRules>,
): ContainerConfig['mounts'] | undefined {
  if (given.length === 0) return undefined;
  if (given.includes('none') && given.length > 1) {
    throw new UsageError('conflicting-flags', '--mount none takes every folder away.', 'Give it alone.');
  }
  return wishesOf(given).map((wish) => {
    const { source, readOnly } = checkMount(rules(), wish);
    if (readOnly && !wish.readOnly) {
      const fix = 'Leave :rw out, or allow it first: ./wharfie mounts --help';
      throw new UsageError('mount-read-only', `The allow-list gives ${source} read-only.`, fix);
    }
    return { path: source, readOnly };
  });
}

function listed(db: CentralDb): StepResult {
  const groups = listAgentGroups(db);
  return {
    status: 'success',
    fields: { COUNT: groups.length, GROUPS: groups.map((one) => fieldsOf(db, one)) },
  };
}

function fieldsOf(db: CentralDb, agentGroup: AgentGroup): Fields {
  const { egress, model, memoryBytes, diskBytes, cpus, pids, mounts } = agentGroup.containerConfig;
  const { most, intervalMs } = limitsOf(agentGroup);
  return {
    FOLDER: agentGroup.folder,
    NAME: shownName(agentGroup.name),
    ASSISTANT: assistantNameOf(agentGroup),
    MAIN: agentGroup.isAdmin,
    PROVIDER: agentGroup.agentProvider,
    MODEL: model ?? 'default',
    EGRESS: typeof egress === 'string' ? egress : `list:${egress.join(',')}`,
    MEMORY: sizeOf(memoryBytes),
    DISK: sizeOf(diskBytes),
    CPUS: cpus ?? 'default',
    PIDS: pids ?? 'default',
    MAX_TASKS: most,
    MIN_TASK_INTERVAL: spanWords(intervalMs),
    MOUNTS: mounts.map(({ path, readOnly }) => `${path}:${readOnly ? 'ro' : 'rw'}`),
    CHATS: listWiringsOfAgentGroup(db, agentGroup.id).length,
  };
}

const sizeOf = (bytes: number | undefined) =>
  bytes === undefined ? 'default' : `${Math.round(bytes / MIB)}m`;
