import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChannelModule } from '../../../src/channels/module.js';
import type { Webhooks } from '../../../src/channels/webhooks/index.js';
import type { Log } from '../../../src/log/index.js';
import { silentLog } from '../../fakes/log.js';
import { realParser } from '../../system/real-parser.js';
import type { Stage } from './stage.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The adapters of a stage: all of them have its clock, its webhooks and its state. */
export interface Adapters extends Pick<Stage, 'clock' | 'adapter' | 'again'> {
  stateDir: string;
  /** The configuration that they get. */
  env(): Env;
  /** Another one, that logs here. */
  logging(log: Log): Stage['adapter'];
  removeState(): void;
}

export function createAdapters(
  module: ChannelModule,
  { clock, webhooks, env }: Pick<Adapters, 'clock' | 'env'> & { webhooks: Webhooks },
): Adapters {
  const stateDir = mkdtempSync(path.join(tmpdir(), `${module.type}-`));
  const create = (log: Log, more: Env = {}) =>
    module.create({
      env: () => ({ ...env(), ...more }),
      random: () => 0,
      parser: realParser,
      ...{ clock, log, stateDir, webhooks },
    });
  return {
    clock,
    stateDir,
    env,
    adapter: create(silentLog),
    again: (more) => create(silentLog, more),
    logging: (log) => create(log),
    removeState: () => rmSync(stateDir, { recursive: true, force: true }),
  };
}
