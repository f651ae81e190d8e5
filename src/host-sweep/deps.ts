import type { Asks } from '../asks/index.js';
import type { Clock } from '../clock.js';
import type { ContainerRunner, RunningSessions } from '../container-runner.js';
import type { CentralDb } from '../db/central/index.js';
import type { Log } from '../log/index.js';
import type { SessionDisk } from '../session-manager/disk.js';
import type { SessionManager } from '../session-manager.js';
import type { Tasks } from '../tasks/index.js';
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
  asks: Pick<Asks, 'expire'>;
  /** Left out: what containers have on disk is not watched. */
  disk?: Pick<SessionDisk, 'use' | 'isLow'>;
  /** `idleMs` and `turnMs` come from the configuration. */
  limits: Omit<LivenessLimits, 'stuckMs'> & Partial<Pick<LivenessLimits, 'stuckMs'>>;
}
