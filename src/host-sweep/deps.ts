import type { Clock } from '../clock.js';
import type { ContainerRunner, RunningSessions } from '../container-runner.js';
import type { CentralDb } from '../db/central.js';
import type { Log } from '../log.js';
import type { Questions } from '../questions/types.js';
import type { SessionDisk } from '../session-disk.js';
import type { SessionManager } from '../session-manager.js';
import type { Tasks } from '../tasks.js';
import type { LivenessLimits } from './liveness.js';

export interface HostSweepDeps {
  clock: Clock;
  log: Log;
  central: CentralDb;
  sessions: Pick<SessionManager, 'get' | 'paths' | 'read' | 'write'>;
  runner: Pick<ContainerRunner, 'wake' | 'stop'> & RunningSessions;
  /** Reads what the container wrote and records it; tries what is due to be sent (`Delivery.drain`). */
  drain: (sessionId: string) => Promise<boolean>;
  tasks: Pick<Tasks, 'settled' | 'hasMissed' | 'passOver'>;
  /** Ends what nobody answered in time. */
  questions: Pick<Questions, 'expire'>;
  /** Left out: what containers have on disk is not watched. */
  disk?: Pick<SessionDisk, 'use' | 'isLow'>;
  /** `idleMs` and `turnMs` come from the configuration. */
  limits: Omit<LivenessLimits, 'stuckMs'> & Partial<Pick<LivenessLimits, 'stuckMs'>>;
}
