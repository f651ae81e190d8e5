import type { Clock } from '../clock.js';
import type { ContainerRunner, RunningSessions } from '../container-runner.js';
import type { CentralDb } from '../db/central.js';
import type { Log } from '../log.js';
import type { SessionManager } from '../session-manager.js';
import type { LivenessLimits } from './liveness.js';

export interface HostSweepDeps {
  clock: Clock;
  log: Log;
  central: CentralDb;
  sessions: Pick<SessionManager, 'get' | 'paths' | 'read' | 'write'>;
  runner: Pick<ContainerRunner, 'wake' | 'stop'> & RunningSessions;
  /** Reads what the container wrote and records it; tries what is due to be sent (`Delivery.drain`). */
  drain: (sessionId: string) => Promise<void>;
  /** `idleMs` and `turnMs` come from the configuration. */
  limits: Omit<LivenessLimits, 'stuckMs'> & Partial<Pick<LivenessLimits, 'stuckMs'>>;
}
