import { pathsOf } from '../../src/config.js';
import { hostState } from '../../src/host/state.js';
import type { StepContext } from '../lib/step.js';
import { type NamedService, servicesHere } from '../service/here.js';
import { runnerOf } from '../service/runner.js';
import { hostComesUp } from '../service/wait.js';

/** How the host of this installation is started anew. */
export interface Restart {
  /** One line: the command, or what only the person can do. */
  fix: string;
  /** Whether a step can do it. */
  possible: boolean;
}

/** A host that a terminal or another program holds can only be ended there. */
export async function restartOf(context: StepContext, services: readonly NamedService[]): Promise<Restart> {
  const service = await activeService(context, services);
  if (service) {
    const named = service.name === 'wharfie' ? '' : ` --name ${service.name}`;
    return { fix: `./wharfie service${named} (which starts the host anew)`, possible: true };
  }
  const { running } = await hostState(pathsOf(context.home).data);
  const fix = running
    ? 'End the host in its terminal (Ctrl+C), and start it again there: npm start'
    : './wharfie service (or npm start in a terminal)';
  return { fix, possible: false };
}

/** Has the service manager start the host anew. False: it did not come up. */
export async function restartHost(context: StepContext): Promise<boolean> {
  const service = await activeService(context, await servicesHere(context));
  if (!service) return false;
  const { data } = pathsOf(context.home);
  const before = await hostState(data);
  const run = runnerOf(context);
  const { manager } = service;
  context.say('Starting the host anew; agents go on meanwhile.');
  for (const command of manager.kind === 'launchd' ? manager.stop : []) await run(command);
  for (const command of manager.start) await run(command);
  return hostComesUp(context, data, before.pid);
}

async function activeService(
  context: StepContext,
  services: readonly NamedService[],
): Promise<NamedService | null> {
  const run = runnerOf(context);
  for (const service of services) {
    if ((await run(service.manager.active)).code === 0) return service;
  }
  return null;
}
