import { sleep } from '../../src/clock.js';
import { hostState } from '../../src/host/state.js';
import type { StepContext } from '../lib/step.js';

export const START_MS = 30_000;
const LOOK_EVERY_MS = 200;

/** Whether a host answers within 30 s that is not the one with the pid `old`. */
export async function hostComesUp(
  { clock, detail }: StepContext,
  dataDir: string,
  old: number | null,
): Promise<boolean> {
  const until = clock.monotonic() + START_MS;
  for (;;) {
    const { running, pid } = await hostState(dataDir);
    if (running && (pid === null || pid !== old)) return true;
    if (clock.monotonic() >= until) return false;
    detail('waiting for the host');
    await sleep(clock, LOOK_EVERY_MS);
  }
}
