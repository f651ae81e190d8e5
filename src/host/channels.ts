import path from 'node:path';
import type { ChannelAdapter } from '../channels/adapter.js';
import type { CliOperator } from '../channels/cli/operator.js';
import { cliSocketPath } from '../channels/cli/socket-path.js';
import { CLI_ADDRESS, createCliChannel } from '../channels/cli.js';
import * as barrel from '../channels/index.js';
import type { ChannelModule } from '../channels/module.js';
import { createWebhooks } from '../channels/webhooks/index.js';
import type { Clock, Random } from '../clock.js';
import type { Config } from '../config.js';
import type { EnvFile } from '../env-file.js';
import type { Log } from '../log/index.js';
import type { Parser } from '../parser/index.js';
import { type SettledDeps, whenSettled } from './settled.js';

export interface ChannelsDeps {
  config: Config;
  env: EnvFile;
  log: Log;
  clock: Clock;
  random: Random;
  parser: Parser;
  welcome(): string[];
  settled: SettledDeps;
  operator: CliOperator;
  /** Leaves the platforms out. */
  terminalOnly: boolean;
}

/** The terminal and every channel that the barrel enables. */
export function createAdapters(deps: ChannelsDeps): ChannelAdapter[] {
  const { config, env, log, clock, random } = deps;
  const terminal = createCliChannel({
    socketPath: cliSocketPath(config.paths.data),
    filesDir: path.join(config.paths.data, 'terminal-files'),
    clock,
    log,
    welcome: deps.welcome,
    settled: (messageId, signal) => whenSettled(deps.settled, CLI_ADDRESS, messageId, signal),
    operator: deps.operator,
  });
  if (deps.terminalOnly) return [terminal];
  const webhooks = createWebhooks({
    host: config.webhookHost,
    port: config.webhookPort,
    ...{ clock, log },
  });
  const platforms = Object.values<ChannelModule>(barrel).map((channel) =>
    channel.create({
      // The environment wins, as in the configuration.
      env: () => ({ ...env.read(), ...process.env }),
      clock,
      random,
      log: log.child({ channel: channel.type }),
      stateDir: config.paths.data,
      webhooks,
      parser: deps.parser,
    }),
  );
  return [terminal, ...platforms];
}
