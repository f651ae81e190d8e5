import { sleep } from '../../src/clock.js';
import type { Paths } from '../../src/config.js';
import type { CentralDb } from '../../src/db/central.js';
import {
  addDeliveryRequest,
  type DeliveryRequest,
  deliveryRequestOutcome,
  type RequestOutcome,
} from '../../src/db/delivery-requests.js';
import { acquireHostLock, type HostLock, HostLockError } from '../../src/db/host-lock.js';
import { createDeliveryRequests, ledgerOnly } from '../../src/delivery-requests.js';
import { createLog } from '../../src/log.js';
import { createSessionManager } from '../../src/session-manager.js';
import type { StepContext } from '../lib/step.js';

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** Stores the request and has it carried out: by the host where one runs, else here, under the host's lock. */
export async function carryOut(
  context: StepContext,
  db: CentralDb,
  paths: Paths,
  request: DeliveryRequest,
): Promise<{ outcome: RequestOutcome | null; by: 'host' | 'step' }> {
  const id = addDeliveryRequest(db, request, context.clock.now());
  const lock = tryLock(paths.data);
  if (lock === null) return { outcome: await byHost(context, db, id), by: 'host' };
  try {
    await byStep(context, db, paths);
    return { outcome: deliveryRequestOutcome(db, id), by: 'step' };
  } finally {
    lock.release();
  }
}

function tryLock(dataDir: string): HostLock | null {
  try {
    return acquireHostLock(dataDir);
  } catch (error) {
    if (error instanceof HostLockError && error.code === 'host-already-running') return null;
    throw error;
  }
}

async function byHost({ clock }: StepContext, db: CentralDb, id: number): Promise<RequestOutcome | null> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const outcome = deliveryRequestOutcome(db, id);
    if (outcome !== null || clock.monotonic() >= until) return outcome;
    await sleep(clock, LOOK_EVERY_MS);
  }
}

async function byStep({ clock, detail }: StepContext, db: CentralDb, paths: Paths): Promise<void> {
  const log = createLog({ write: detail }, { level: 'warn' });
  const sessions = createSessionManager({ db, paths, clock, log, onStuck: () => {} });
  try {
    await createDeliveryRequests({ db, delivery: ledgerOnly(sessions, clock), log }).apply();
  } finally {
    await sessions.close();
  }
}
