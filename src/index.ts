import path from 'node:path';
import minimist from 'minimist';
import { cliSocketPath } from './channels/cli/socket-path.js';
import { runTerminal } from './channels/cli/terminal.js';
import { type Config, codeRoot, homeOf, loadConfig, pathsOf } from './config.js';
import { acquireHostLock, HostLockError } from './db/host-lock.js';
import { createEnvFile, type EnvFile } from './env-file.js';
import { codeOf, WharfieError } from './errors.js';
import { makeDataFolder } from './host/data-folder.js';
import { startHost } from './host/index.js';
import { refuseHalfRestored } from './host/restore-guard.js';
import { hostState } from './host/state.js';
import { startWatchdog } from './host/watchdog.js';
import { logLastWords } from './log/crash-log.js';
import { openLogFile } from './log/file.js';
import { createLog } from './log/index.js';
import { honourProxies } from './network/index.js';
import { programArgs } from './own-programs.js';

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
  await honourProxies(env.read());
  const once = flags.service || flags['terminal-only'] ? null : await makeReal(loadConfig(env.read()));
  const config = loadConfig(env.read());
  try {
    makeDataFolder(config.paths.data);
    const lock = acquireHostLock(config.paths.data);
    try {
      refuseHalfRestored(config.paths.data);
      const terminalOnly = flags['terminal-only'] === true;
      return flags.service
        ? await runService(config, env, terminalOnly)
        : await runWithTerminal(config, env, terminalOnly, once);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!(error instanceof HostLockError) || error.code !== 'host-already-running' || flags.service)
      throw error;
    return talkToRunningHost(config, error);
  }
}

/** Asks a person at a terminal what is missing for the real agent. Gives what is to be done once the host runs. */
async function makeReal(config: Config): Promise<(() => Promise<void>) | null> {
  const { stdin: input, stdout: output } = process;
  if (!input.isTTY || !output.isTTY || (await hostState(config.paths.data)).running) return null;
  const { firstRun } = await import('./first-run/index.js');
  return firstRun({ root: codeRoot, data: config.paths.data, input, output });
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

async function runWithTerminal(
  config: Config,
  env: EnvFile,
  terminalOnly: boolean,
  once: (() => Promise<void>) | null,
): Promise<number> {
  const stop = await start({ config, env, terminalOnly }, false);
  try {
    await once?.();
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
  const watchdog = startWatchdog({
    logFile: path.join(config.paths.logs, 'wharfie.log'),
    restart: echoLog && !isManaged(process.env) ? commandAgain() : null,
  });
  const host = await startHost({ config, env, log, terminalOnly, watchdog });
  return async () => {
    watchdog.stop();
    await host.stop();
    await file.close();
  };
}

/** Whether a service manager, or the engine of this process's container, starts the host again when it ends. */
const isManaged = ({ SYSTEMD_EXEC_PID, INVOCATION_ID }: NodeJS.ProcessEnv): boolean =>
  Boolean(SYSTEMD_EXEC_PID || INVOCATION_ID) || process.platform === 'darwin' || process.pid === 1;

const commandAgain = () => ({
  file: process.execPath,
  args: [...programArgs('host', codeRoot), '--service'],
});

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
  if (error instanceof Error && error.name === 'FirstRunStopped') {
    console.error(error.message);
    process.exit(130);
  }
  if (!(error instanceof WharfieError)) throw error;
  console.error(`${error.message}\n${error.fix}`);
  process.exitCode = 1;
}
// Standard input, and a signal that never came, would keep a process whose work is done.
process.exit();
