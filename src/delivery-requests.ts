import type { Clock } from './clock.js';
import type { CentralDb } from './db/central.js';
import { openDeliveryRequests, type RequestOutcome, settleDeliveryRequest } from './db/delivery-requests.js';
import { discardDelivery, reopenDelivery, retryableParts } from './db/ledger-troubles.js';
import type { Delivery } from './delivery.js';
import { reasonOf } from './errors.js';
import type { Log } from './log.js';
import type { SessionManager } from './session-manager.js';

/** What a request is carried out by: the running delivery, or the ledger alone. */
export type DeliveryActions = Pick<Delivery, 'retry' | 'discard'>;

/**
 * Carries out what steps asked for in `v2.db`. For the holder of the host lock: at its start and whenever the database
 * has changed. Calls that come while one runs join it and are followed by one more look.
 */
export function createDeliveryRequests(deps: { db: CentralDb; delivery: DeliveryActions; log: Log }): {
  apply(): Promise<void>;
} {
  const { db, delivery, log } = deps;
  let running: Promise<void> | null = null;
  let again = false;

  const carryOut = async (request: ReturnType<typeof openDeliveryRequests>[number]) => {
    const { id, sessionId, key, action } = request;
    let outcome: RequestOutcome = 'failed';
    try {
      outcome = (await delivery[action](sessionId, key)) ? 'done' : 'nothing';
    } catch (error) {
      log.warn({ session: sessionId, reason: reasonOf(error) }, 'delivery request failed');
    }
    settleDeliveryRequest(db, id, outcome);
    log.info({ session: sessionId, delivery: key, action, outcome }, 'delivery request');
  };
  const run = async () => {
    // Not before `running` is set: a run with nothing to do would end first.
    await Promise.resolve();
    try {
      do {
        again = false;
        for (const request of openDeliveryRequests(db)) await carryOut(request);
      } while (again);
    } catch (error) {
      log.error({ reason: reasonOf(error) }, 'delivery requests not carried out');
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
