import { sleep } from '../../src/clock.js';
import type { Config, Paths } from '../../src/config.js';
import type { CentralDb } from '../../src/db/central/index.js';
import {
  addSessionRequest,
  type RequestResult,
  type SessionRequest,
  sessionRequestResult,
} from '../../src/db/central/session-requests.js';
import { acquireHostLock, type HostLock, HostLockError } from '../../src/db/host-lock.js';
import { createSessionRequests, ledgerOnly } from '../../src/host/session-requests.js';
import { createLog } from '../../src/log/index.js';
import { createSessionManager } from '../../src/session-manager.js';
import { createTaskBounds } from '../../src/tasks/bounds.js';
import { createTaskControl } from '../../src/tasks/control.js';
import type { StepContext } from './step.js';

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 100;

/**
 * Stores the requests and has them carried out: by the host where one runs, else here, under the host's lock. The results
 * come in the order of the requests; null: the host has not looked at it yet.
 */
export async function carryOut(
  context: StepContext,
  { db, config }: { db: CentralDb; config: Config },
  requests: readonly SessionRequest[],
): Promise<{ results: (RequestResult | null)[]; by: 'host' | 'step' }> {
  const now = context.clock.now();
  const add = db.transaction(() => requests.map((request) => addSessionRequest(db, request, now)));
  const ids = add.immediate();
  const lock = tryLock(config.paths);
  if (lock === null) return { results: await byHost(context, db, ids), by: 'host' };
  try {
    await byStep(context, db, config);
    return { results: ids.map((id) => sessionRequestResult(db, id)), by: 'step' };
  } finally {
    lock.release();
  }
}

function tryLock({ data }: Paths): HostLock | null {
  try {
    return acquireHostLock(data);
  } catch (error) {
    if (error instanceof HostLockError && error.code === 'host-already-running') return null;
    throw error;
  }
}

async function byHost(
  { clock }: StepContext,
  db: CentralDb,
  ids: readonly number[],
): Promise<(RequestResult | null)[]> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const results = ids.map((id) => sessionRequestResult(db, id));
    if (!results.includes(null) || clock.monotonic() >= until) return results;
    await sleep(clock, LOOK_EVERY_MS);
  }
}

async function byStep({ clock, detail }: StepContext, db: CentralDb, config: Config): Promise<void> {
  const log = createLog({ write: detail }, { level: 'warn' });
  const sessions = createSessionManager({ db, paths: config.paths, clock, log, onStuck: () => {} });
  const tasks = createTaskControl({
    ...{ db, sessions, clock, timeZone: config.timeZone },
    bounds: createTaskBounds({ db, sessions, log }),
    // The next host finds what is due.
    wake() {},
  });
  try {
    await createSessionRequests({ db, delivery: ledgerOnly(sessions, clock), tasks, log }).apply();
  } finally {
    await sessions.close();
  }
}
