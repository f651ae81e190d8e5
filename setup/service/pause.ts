import { sleep } from '../../src/clock.js';
import { acquireHostLock, type HostLock, HostLockError } from '../../src/db/host-lock.js';
import { WharfieError } from '../../src/errors.js';
import { hostState } from '../../src/host/state.js';
import type { StepContext } from '../lib/step.js';
import type { Runner } from './detect.js';
import { type NamedService, servicesHere } from './here.js';
import { runnerOf } from './runner.js';
import { hostComesUp } from './wait.js';

const LET_GO_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** The services of this installation that run now, also one whose host crashes and is started again and again. */
export async function activeServices(context: StepContext): Promise<NamedService[]> {
  const run = runnerOf(context);
  const found = await servicesHere(context);
  const active = await Promise.all(found.map((service) => isActive(service, run)));
  return found.filter((_, index) => active[index]);
}

async function isActive({ manager }: NamedService, run: Runner): Promise<boolean> {
  const { code, tail } = await run(manager.active);
  return code === 0 || tail.some((line) => line.trim() === 'activating');
}

/** Throws `host-already-running` where a host runs that is no service: only who started it may end it. */
export async function refuseForeignHost(dataDir: string, active: readonly NamedService[]): Promise<void> {
  const { running, pid } = await hostState(dataDir);
  if (!running || active.length > 0) return;
  throw new WharfieError(
    'host-already-running',
    `A host runs here${pid === null ? '' : ` (pid ${pid})`}, and not as a service.`,
    'End it (Ctrl+C in its terminal), then run this step again.',
  );
}

export async function pauseServices(context: StepContext, services: readonly NamedService[]): Promise<void> {
  for (const { name, manager } of services) {
    context.say(`Stopping the service ${name}.`);
    await all(context, manager.pause);
  }
}

/** Starts them again; false: no host answers within 30 s. */
export async function resumeServices(
  context: StepContext,
  dataDir: string,
  services: readonly NamedService[],
): Promise<boolean> {
  for (const { name, manager } of services) {
    context.say(`Starting the service ${name}.`);
    await all(context, manager.resume);
  }
  return services.length === 0 || hostComesUp(context, dataDir, null);
}

/** The host's own lock, as soon as the host that was ended has let go of it. */
export async function takeHostLock({ clock }: StepContext, dataDir: string): Promise<HostLock> {
  const until = clock.monotonic() + LET_GO_MS;
  for (;;) {
    try {
      return acquireHostLock(dataDir);
    } catch (error) {
      const held = error instanceof HostLockError && error.code === 'host-already-running';
      if (!held || clock.monotonic() >= until) throw error;
    }
    await sleep(clock, LOOK_EVERY_MS);
  }
}

async function all(context: StepContext, commands: readonly Parameters<Runner>[0][]): Promise<void> {
  const run = runnerOf(context);
  for (const command of commands) {
    const { code, tail } = await run(command);
    if (code === 0) continue;
    throw new WharfieError(
      'service-command-failed',
      `${command.join(' ')} failed: ${tail.slice(-3).join(' ').slice(0, 500) || 'it could not be started'}`,
      'Run that command by hand to see more.',
    );
  }
}
