import type { Config } from '../../src/config.js';
import type { StepContext } from '../lib/step.js';
import {
  activeServices,
  pauseServices,
  refuseForeignHost,
  resumeServices,
  takeHostLock,
} from '../service/pause.js';
import { endContainers, whileFrozen } from './containers.js';

/**
 * Runs `work` while nobody writes: the service is stopped and the host's own lock held, and containers stand still
 * (`frozen`) or are ended (`ended`, where their folders will be other ones). Afterwards the service runs again, whatever
 * became of the work. `resumed` is false where it was to run again and does not.
 */
export async function whileQuiet<T>(
  context: StepContext,
  config: Config,
  containers: 'frozen' | 'ended',
  work: () => Promise<T>,
): Promise<{ result: T; services: string[]; resumed: boolean }> {
  const { data } = config.paths;
  const services = await activeServices(context);
  await refuseForeignHost(data, services);
  let resumed = false;
  let result: T;
  try {
    await pauseServices(context, services);
    const lock = await takeHostLock(context, data);
    try {
      if (containers === 'ended') await endContainers(context, config);
      result = containers === 'ended' ? await work() : await whileFrozen(context, config, work);
    } finally {
      lock.release();
    }
  } finally {
    resumed = await resumeServices(context, data, services);
  }
  return { result, services: services.map((one) => one.name), resumed };
}
