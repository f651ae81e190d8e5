import type { Clock, Random } from '../clock.js';
import type { CrashPoint } from '../crash-point.js';
import type { CentralDb } from '../db/central/index.js';
import type { Log } from '../log/index.js';
import type { LaunchDeps } from './launch.js';

export interface ContainerRunnerDeps extends LaunchDeps {
  clock: Clock;
  log: Log;
  random: Random;
  crashPoint: CrashPoint;
  central: CentralDb;
  /** How many containers may be up at once. */
  capacity: number;
}
