import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CliClient, connectCli } from '../../src/channels/cli/client.js';
import { cliSocketPath } from '../../src/channels/cli/socket-path.js';
import { newId } from '../../src/ids.js';
import { eventually } from './eventually.js';
import { answered } from './who-may-speak.js';

const ownRoot = fileURLToPath(new URL('../..', import.meta.url));

/** One installation in a folder of its own, with the real host as a process. */
export interface Installation {
  home: string;
  env: Record<string, string>;
  /** Starts `npm start -- --service` and resolves when its terminal socket answers. */
  start(env?: Record<string, string>): Promise<HostProcess>;
  /** The same without waiting. */
  launch(env?: Record<string, string>): HostProcess;
  /** Runs a program of the checkout to its end. */
  run(args: string[], options?: { input?: string; env?: Record<string, string> }): Promise<Finished>;
  step(name: string, ...flags: string[]): Promise<Finished>;
  /** The events of the host's log, oldest first. */
  log(): Record<string, unknown>[];
  /** Kills what still runs and removes the folder. */
  remove(): Promise<void>;
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface HostProcess {
  pid: number;
  /** Resolves when its terminal socket answers or a signal ended it; rejects when it ended by itself. */
  readonly ready: Promise<void>;
  chat(): Promise<Chat>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

/** A terminal connected to a host. */
export interface Chat {
  /** Everything said so far, oldest first. */
  said: string[];
  /** The same `id` again is the same line. */
  send(text: string, id?: string): void;
  /** Resolves when something said contains `part`. */
  hears(part: string): Promise<void>;
  close(): void;
}

/**
 * `root`: the checkout that its programs are run from, by default this one. `home`: the folder of an installation that is
 * there already.
 */
export function createInstallation(
  dotenv: Record<string, string> = {},
  {
    root = ownRoot,
    home = mkdtempSync(path.join(tmpdir(), 'wharfie-system-')),
  }: { root?: string; home?: string } = {},
): Installation {
  const children = new Set<ChildProcess>();
  const lines = Object.entries(dotenv).map(([name, value]) => `${name}=${value}`);
  writeFileSync(path.join(home, '.env'), lines.join('\n'), { mode: 0o600 });
  const env = {
    ...inherited(),
    WHARFIE_HOME: home,
    TZ: 'Europe/Berlin',
    XDG_CACHE_HOME: path.join(home, 'c'),
  };

  const spawnNode = (args: string[], more: Record<string, string> = {}) => {
    const child = spawn(process.execPath, asStarted(args, root), {
      cwd: root,
      env: { ...env, ...more },
      stdio: 'pipe',
    });
    children.add(child);
    child.on('exit', () => children.delete(child));
    return child;
  };
  const run: Installation['run'] = async (args, options = {}) => {
    const child = spawnNode(args, options.env);
    const finished = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (finished.stdout += chunk));
    child.stderr.on('data', (chunk) => (finished.stderr += chunk));
    child.stdin.end(options.input ?? '');
    const [code] = await once(child, 'close');
    return { code, ...finished };
  };
  const launch: Installation['launch'] = (more) => {
    const child = spawnNode(['src/index.ts', '--service'], more);
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.stdout.resume();
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    const chat = () => openChat(cliSocketPath(path.join(home, 'data')));
    const ready = eventually(async () => {
      if (child.exitCode === null && child.signalCode === null) (await chat()).close();
      return true;
    }).then(() => {
      if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}: ${stderr}`);
    });
    // Whoever kills it before does not wait for it.
    ready.catch(() => {});
    const end = (signal: NodeJS.Signals) => {
      child.kill(signal);
      return exited;
    };
    return {
      pid: child.pid ?? 0,
      ready,
      chat,
      exited,
      kill: async () => void (await end('SIGKILL')),
      stop: () => end('SIGTERM'),
    };
  };
  return {
    home,
    env,
    run,
    async step(name, ...flags) {
      const once = (argv: string[]) => run(['setup/index.ts', '--step', name, '--', ...argv]);
      const first = await once(flags);
      const again = answered(first.code, first.stdout, flags);
      return again ? once(again) : first;
    },
    launch,
    async start(more) {
      const host = launch(more);
      await host.ready;
      return host;
    },
    log: () =>
      readFileSync(path.join(home, 'data', 'logs', 'wharfie.log'), 'utf8')
        .split('\n')
        .flatMap(parsedLine),
    async remove() {
      const gone = [...children].map((child) => once(child, 'exit'));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(gone);
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const PROGRAMS: Record<string, string> = {
  'src/index.ts': 'host',
  'setup/index.ts': 'setup',
  'scripts/chat.ts': 'chat',
};

/** As `npm start`, `npm run chat` and `./wharfie` start it: from its build. */
function asStarted([source = '', ...rest]: string[], root: string): string[] {
  const launcher = path.join(root, 'scripts', 'built', 'run.mjs');
  const program = PROGRAMS[source];
  return program && existsSync(launcher)
    ? [launcher, program, ...rest]
    : ['--import', 'tsx', source, ...rest];
}

/** Nothing of the developer's own shell may count: no keys, no settings. */
function inherited(): Record<string, string> {
  const { PATH = '', HOME = '', NODE_EXTRA_CA_CERTS } = process.env;
  return { PATH, HOME, ...(NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS } : {}) };
}

/** A host that was killed may leave a line that is not whole. */
function parsedLine(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

async function openChat(socketPath: string): Promise<Chat> {
  const said: string[] = [];
  const client: CliClient = await connectCli(socketPath, (message) => {
    if (message.type === 'refused') said.push(`refused: ${message.reason}`);
    if (message.type !== 'say') return;
    said.push(message.text);
    client.send({ type: 'ack', id: message.id });
  });
  client.send({ type: 'hello', piped: false });
  return {
    said,
    send: (text, id = newId('in')) => client.send({ type: 'line', id, text }),
    hears: async (part) => void (await eventually(() => said.join('\n').includes(part), `hearing ${part}`)),
    close: () => client.close(),
  };
}
