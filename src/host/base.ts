import { type Clock, type Random, systemClock } from '../clock.js';
import type { Config } from '../config.js';
import { type CrashPoint, createCrashPoint } from '../crash-point.js';
import { type CentralDb, openCentralDb } from '../db/central.js';
import type { EnvFile } from '../env-file.js';
import type { Log } from '../log.js';
import { createTasks, type Tasks } from '../tasks.js';

/** What nearly every part of the host is given. */
export interface HostBase {
  config: Config;
  env: EnvFile;
  log: Log;
  clock: Clock;
  random: Random;
  crashPoint: CrashPoint;
  db: CentralDb;
  tasks: Tasks;
  /** No platform is served. */
  terminalOnly: boolean;
}

export type HostGiven = Pick<HostBase, 'config' | 'env' | 'log' | 'terminalOnly'>;

export function createBase({ config, env, log, terminalOnly }: HostGiven): HostBase {
  const crashPoint = createCrashPoint(process.env.WHARFIE_CRASH_AT);
  return {
    ...{ config, env, log, crashPoint, terminalOnly },
    clock: systemClock,
    random: Math.random,
    db: openCentralDb(config.paths.centralDb),
    tasks: createTasks({ timeZone: config.timeZone, log, crashPoint }),
  };
}
