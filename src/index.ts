import minimist from 'minimist';
import { cliSocketPath } from './channels/cli/socket-path.js';
import { runTerminal } from './channels/cli/terminal.js';
import { type Config, homeOf, loadConfig, pathsOf } from './config.js';
import { makeDataFolder } from './data-folder.js';
import { acquireHostLock, HostLockError } from './db/host-lock.js';
import { createEnvFile, type EnvFile } from './env-file.js';
import { codeOf, WharfieError } from './errors.js';
import { refuseHalfRestored } from './half-restored.js';
import { startHost } from './host.js';
import { logLastWords } from './last-words.js';
import { createLog } from './log.js';
import { openLogFile } from './log-file.js';

/** `--terminal-only` serves no platform: for a check, which must take nothing in that it may undo. */
const USAGE = 'npm start [-- --service] [--terminal-only]';

/** Runs the host with a chat in this terminal, or without one as a service. Resolves with the exit code. */
async function main(argv: string[]): Promise<number> {
  const flags = minimist(argv, {
    boolean: ['service', 'terminal-only'],
    unknown(argument) {
      throw new WharfieError('usage', `Unknown argument ${JSON.stringify(argument)}.`, `Usage: ${USAGE}`);
    },
  });
  const env = createEnvFile(pathsOf(homeOf(process.env)).envFile);
  const config = loadConfig(env.read());
  try {
    makeDataFolder(config.paths.data);
    const lock = acquireHostLock(config.paths.data);
    try {
      refuseHalfRestored(config.paths.data);
      const terminalOnly = flags['terminal-only'] === true;
      return flags.service
        ? await runService(config, env, terminalOnly)
        : await runWithTerminal(config, env, terminalOnly);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!(error instanceof HostLockError) || error.code !== 'host-already-running' || flags.service)
      throw error;
    return talkToRunningHost(config, error);
  }
}

/** Where a host already runs here, this is its chat. */
async function talkToRunningHost(config: Config, running: HostLockError): Promise<number> {
  try {
    return await chat(config);
  } catch (error) {
    // It holds the lock but does not listen: it is just starting or stopping.
    if (['ENOENT', 'ECONNREFUSED'].includes(codeOf(error))) throw running;
    throw error;
  }
}

function chat(config: Config): Promise<number> {
  const interactive = process.stdin.isTTY === true;
  const socketPath = cliSocketPath(config.paths.data);
  return runTerminal({ socketPath, input: process.stdin, output: process.stdout, interactive });
}

async function runWithTerminal(config: Config, env: EnvFile, terminalOnly: boolean): Promise<number> {
  const stop = await start({ config, env, terminalOnly }, false);
  try {
    const signalled = terminationSignal().then(() => 0);
    return await Promise.race([chat(config), signalled]);
  } finally {
    await stop();
  }
}

async function runService(config: Config, env: EnvFile, terminalOnly: boolean): Promise<number> {
  const stop = await start({ config, env, terminalOnly }, true);
  await terminationSignal();
  await stop();
  return 0;
}

async function start(
  { config, env, terminalOnly }: { config: Config; env: EnvFile; terminalOnly: boolean },
  echoLog: boolean,
): Promise<() => Promise<void>> {
  const file = openLogFile(config.paths.logs, { echo: echoLog });
  const options = { level: config.logLevel, secrets: () => secretsOf(env) };
  const log = createLog(file, options);
  logLastWords(file, options);
  const host = await startHost({ config, env, log, terminalOnly });
  return async () => {
    await host.stop();
    await file.close();
  };
}

/** Whatever `.env` calls a key, token, secret or password is masked in every line. */
function secretsOf(env: EnvFile): string[] {
  return Object.entries(env.read()).flatMap(([name, value]) =>
    /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/.test(name) ? [value] : [],
  );
}

/** Resolves at the first request to stop; the event loop is kept until then. */
function terminationSignal(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 2 ** 30);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof WharfieError)) throw error;
  console.error(`${error.message}\n${error.fix}`);
  process.exitCode = 1;
}
// Standard input, and a signal that never came, would keep a process whose work is done.
process.exit();
