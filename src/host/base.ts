import { type Clock, type Random, systemClock } from '../clock.js';
import type { Config } from '../config.js';
import { type CrashPoint, createCrashPoint } from '../crash-point.js';
import { type CentralDb, openCentralDb } from '../db/central/index.js';
import type { ContainerEngine } from '../engine/types.js';
import type { EnvFile } from '../env-file.js';
import type { Log } from '../log/index.js';
import type { OutboundReader } from '../outbound-reader/types.js';
import { createTasks, type Tasks } from '../tasks/index.js';
import type { Watchdog } from './watchdog.js';

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
  watchdog: Pick<Watchdog, 'doing' | 'longestStopMs'>;
  replaced: Pick<HostGiven, 'mockEngine' | 'reader'>;
}

/** What a host is started with. The rest is the machine's own, unless a test owns time. */
export interface HostGiven extends Pick<HostBase, 'config' | 'env' | 'log'> {
  terminalOnly?: boolean;
  watchdog?: HostBase['watchdog'];
  clock?: Clock;
  random?: Random;
  /** Where mock groups run. */
  mockEngine?: ContainerEngine;
  reader?: OutboundReader;
}

const NO_WATCHDOG: HostBase['watchdog'] = { doing: () => () => {}, longestStopMs: () => 0 };

export function createBase(given: HostGiven): HostBase {
  const {
    config,
    env,
    log,
    terminalOnly = false,
    watchdog = NO_WATCHDOG,
    clock,
    random,
    ...replaced
  } = given;
  const crashPoint = createCrashPoint(process.env.WHARFIE_CRASH_AT);
  return {
    ...{ config, env, log, crashPoint, terminalOnly, watchdog, replaced },
    clock: clock ?? systemClock,
    random: random ?? Math.random,
    db: openCentralDb(config.paths.centralDb),
    tasks: createTasks({ timeZone: config.timeZone, log, crashPoint }),
  };
}
