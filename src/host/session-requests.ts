import type { Clock } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import {
  openSessionRequests,
  type RequestedAction,
  type RequestResult,
  settleSessionRequest,
} from '../db/central/session-requests.js';
import { discardDelivery, reopenDelivery, retryableParts } from '../db/inbound/ledger-troubles.js';
import type { Delivery } from '../delivery.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import type { SessionManager } from '../session-manager.js';
import type { TaskControl, TaskVerb } from '../tasks/control.js';

/** What a request about a delivery is carried out by: the running delivery, or the ledger alone. */
export type DeliveryActions = Pick<Delivery, 'retry' | 'discard'>;

interface RequestDeps {
  db: CentralDb;
  delivery: DeliveryActions;
  tasks: TaskControl;
  log: Log;
}

/**
 * Carries out what steps asked for in `v2.db`. For the holder of the host lock: at its start and whenever the database
 * has changed. Calls that come while one runs join it and are followed by one more look.
 */
export function createSessionRequests(deps: RequestDeps): { apply(): Promise<void> } {
  const { db, log } = deps;
  const actions = actionsOf(deps);
  let running: Promise<void> | null = null;
  let again = false;

  const carryOut = async (request: ReturnType<typeof openSessionRequests>[number]) => {
    const { id, sessionId, subject, action } = request;
    let result: RequestResult = { outcome: 'failed', said: '' };
    try {
      if (action !== null) result = await actions[action](sessionId, subject);
    } catch (error) {
      log.warn({ session: sessionId, reason: reasonOf(error) }, 'request failed');
    }
    settleSessionRequest(db, id, result);
    log.info({ session: sessionId, subject, action, outcome: result.outcome }, 'request of a step');
  };
  const run = async () => {
    // Not before `running` is set: a run with nothing to do would end first.
    await Promise.resolve();
    try {
      do {
        again = false;
        for (const request of openSessionRequests(db)) await carryOut(request);
      } while (again);
    } catch (error) {
      log.error({ reason: reasonOf(error) }, 'requests of steps not carried out');
    }
    running = null;
  };
  return {
    apply() {
      again = true;
      running ??= run();
      return running;
    },
  };
}

type Act = (sessionId: string, subject: string) => Promise<RequestResult>;

/** Steps are the operator's: as such they stand in the audit. */
const OPERATOR = 'setup';

function actionsOf({ delivery, tasks }: RequestDeps): Record<RequestedAction, Act> {
  const told = async (done: Promise<boolean>): Promise<RequestResult> => ({
    outcome: (await done) ? 'done' : 'nothing',
    said: '',
  });
  const asked =
    (verb: TaskVerb): Act =>
    async (sessionId, taskId) => {
      const { outcome, said, fix = '' } = await tasks.apply(verb, { sessionId, taskId }, OPERATOR);
      return { outcome, said: `${said} ${fix}`.trim() };
    };
  return {
    retry: (sessionId, key) => told(delivery.retry(sessionId, key)),
    discard: (sessionId, key) => told(delivery.discard(sessionId, key)),
    'cancel-task': asked('cancel'),
    'pause-task': asked('pause'),
    'resume-task': asked('resume'),
    'run-task': asked('run-now'),
  };
}

/** The same on the ledger alone, while no host runs: what is opened again is sent when the next host starts. */
export function ledgerOnly(sessions: Pick<SessionManager, 'write'>, clock: Clock): DeliveryActions {
  return {
    retry(sessionId, key) {
      const now = clock.now();
      return sessions.write(
        sessionId,
        (db) => retryableParts(db, key).filter((part) => reopenDelivery(db, { key, part }, now)).length > 0,
      );
    },
    discard: (sessionId, key) => sessions.write(sessionId, (db) => discardDelivery(db, key, clock.now()) > 0),
  };
}
