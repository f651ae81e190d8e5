import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectCli } from '../../../src/channels/cli/client.js';
import { cliSocketPath } from '../../../src/channels/cli/socket-path.js';
import { codeRoot } from '../../../src/config.js';
import { programArgs } from '../../../src/own-programs.js';

const LOOK_EVERY_MS = 5;
const LONGEST_START_MS = 60_000;

/** An installation in a folder of its own, for whole processes. */
export function createHome(dotenv: Record<string, string> = {}) {
  const home = mkdtempSync(path.join(tmpdir(), 'wb-home-'));
  const lines = Object.entries(dotenv).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path.join(home, '.env'), lines.join(''), { mode: 0o600 });
  const { PATH = '', HOME = '' } = process.env;
  const env = {
    ...{ PATH, HOME, TZ: 'UTC', WHARFIE_HOME: home, XDG_CACHE_HOME: path.join(home, 'c') },
    WHARFIE_DOCKER_SOCKET: path.join(home, 'no-docker.sock'),
  };
  const start = (args: string[], root = codeRoot) =>
    spawn(process.execPath, args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    home,
    data: path.join(home, 'data'),
    /** Runs a program of the checkout to its end; gives how long that took, milliseconds. */
    async run(args: string[]): Promise<{ ms: number; code: number | null; output: string }> {
      const began = performance.now();
      const child = start(args);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      const [code] = await once(child, 'close');
      return { ms: performance.now() - began, code, output };
    },
    /** Starts the host; resolves when its terminal answers, with how long that took, milliseconds. */
    async startHost(root = codeRoot) {
      const began = performance.now();
      const child = start([...programArgs('host', root), '--service'], root);
      let said = '';
      child.stderr.on('data', (chunk) => (said += chunk));
      child.stdout.resume();
      const exited = once(child, 'exit');
      while (!(await answers(cliSocketPath(path.join(home, 'data'))))) {
        if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}: ${said}`);
        if (performance.now() - began > LONGEST_START_MS) throw new Error('the host does not come up');
        await pause(LOOK_EVERY_MS);
      }
      return {
        pid: child.pid ?? 0,
        ms: performance.now() - began,
        async stop() {
          child.kill('SIGTERM');
          await exited;
        },
      };
    },
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function answers(socket: string): Promise<boolean> {
  try {
    (await connectCli(socket, () => {})).close();
    return true;
  } catch {
    return false;
  }
}
