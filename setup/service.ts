import { homedir } from 'node:os';
import { pathsOf } from '../src/config.js';
import { hostState } from '../src/host/state.js';
import { endContainers } from './backup/containers.js';
import type { FlagSpec } from './lib/flags.js';
import { configurationOf } from './lib/installation.js';
import { withSetupLock } from './lib/setup-lock.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';
import { invalidValue } from './lib/values.js';
import { detectKind, type Runner } from './service/detect.js';
import { servicesHere } from './service/here.js';
import { installService, present, proveUnit, removeService } from './service/install.js';
import { type ServiceManager, serviceFolders, serviceManager } from './service/manager.js';
import { remainsOf } from './service/remains.js';
import { runnerOf } from './service/runner.js';
import { quoteForShell } from './service/types.js';
import { unitOf } from './service/unit.js';
import { hostComesUp, START_MS } from './service/wait.js';

const flags: FlagSpec[] = [
  {
    name: 'uninstall',
    kind: 'switch',
    help: 'end the service and remove it; all files and conversations stay',
  },
  { name: 'dry-run', kind: 'switch', help: 'show what would be written and run, and do nothing' },
  {
    name: 'name',
    kind: 'value',
    hint: '<name>',
    help: 'the name of the service (default wharfie), for a second installation',
  },
];

export const service: Step = {
  name: 'service',
  class: 'sets-up',
  summary:
    'keeps the host running: installs or restarts a service of systemd or launchd, or a script without them',
  flags,
  async run(values, context) {
    const name = values.value('name') ?? 'wharfie';
    if (!/^[a-z][a-z0-9-]{0,40}$/.test(name))
      throw invalidValue('name', name, 'Give small letters, digits and -.');
    const run = runnerOf(context);
    const uid = process.getuid?.() ?? 0;
    const kind = await detectKind({ platform: process.platform, uid }, run);
    const folders = serviceFolders(context.env, context.env.HOME || homedir());
    const { home } = context;
    const unit = unitOf(context, name);
    const manager = serviceManager(kind, unit, { folders, uid });
    if (values.on('dry-run')) return dryRun(context, manager, run, values.on('uninstall'));
    return withSetupLock(pathsOf(home).data, context.clock, () =>
      values.on('uninstall') ? uninstall(context, manager, run) : install(context, manager, run),
    );
  },
};

async function install(context: StepContext, manager: ServiceManager, run: Runner): Promise<StepResult> {
  const { home } = context;
  const { data } = pathsOf(home);
  const other = (await servicesHere(context)).find((one) => one.manager.file !== manager.file);
  if (other) {
    return {
      status: 'failed',
      error: 'service-named-otherwise',
      message: `This installation has a service already, under the name ${other.name}: two would run one host in turns.`,
      fix: `./wharfie service --name ${other.name} (or remove that one first: ./wharfie service --uninstall --name ${other.name})`,
      precondition: true,
    };
  }
  const before = await hostState(data);
  if (before.running && present(manager, home) === null) {
    return {
      status: 'failed',
      error: 'host-already-running',
      message: `A host runs already${before.pid === null ? '' : ` (pid ${before.pid})`}, and not as this service.`,
      fix: 'End it (Ctrl+C in its terminal), then run this step again.',
      precondition: true,
    };
  }
  const changed = await installService(manager, home, run);
  const running = await hostComesUp(context, data, before.pid);
  const fields = {
    KIND: manager.kind,
    FILE: manager.file,
    CHANGED: changed,
    RUNNING: running,
    LOGS: manager.logs,
    ...(manager.note && { NOTE: manager.note }),
  };
  if (running) return { status: 'success', fields };
  return {
    status: 'failed',
    error: 'service-not-started',
    message: `The service is installed, but no host answers after ${START_MS / 1000} s.`,
    fix: `Look at what it says: ${manager.logs}`,
    fields,
  };
}

/** Agents end with the service: nobody would be left to talk to them, or to stop them when they are idle. */
async function uninstall(context: StepContext, manager: ServiceManager, run: Runner): Promise<StepResult> {
  const { config } = configurationOf(context);
  const removed = await removeService(manager, context.home, run);
  const host = await hostState(config.paths.data);
  if (removed && !host.running) await endContainers(context, config);
  const remains = await remainsOf(context, config);
  const fields: Fields = {
    RESULT: removed ? 'removed' : 'not-installed',
    KIND: manager.kind,
    FILE: manager.file,
    REMAINS: remains.map((one) => one.what),
    DELETE_BY: remains.map((one) => one.delete),
  };
  return { status: removed ? 'success' : 'skipped', fields };
}

async function dryRun(
  { home, say }: StepContext,
  manager: ServiceManager,
  run: Runner,
  removal: boolean,
): Promise<StepResult> {
  const there = present(manager, home);
  const commands = removal ? [...manager.stop, ...manager.afterRemoval] : manager.start;
  const fields: Fields = {
    KIND: manager.kind,
    FILE: manager.file,
    INSTALLED: there !== null,
    COMMANDS: commands.map((command) => command.map(quoteForShell).join(' ')),
  };
  if (removal) return { status: 'success', fields };
  say(manager.text);
  const proof = await proveUnit(manager, run);
  return { status: 'success', fields: { ...fields, WOULD_CHANGE: there !== manager.text, PROOF: proof } };
}
