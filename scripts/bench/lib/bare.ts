import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { limitsOf } from '../../../src/container-runner/spec.js';
import { containerConfigSchema } from '../../../src/db/types.js';
import { createOptions } from '../../../src/engine/docker/create-options.js';
import type { Mount } from '../../../src/engine/types.js';
import { attachBells, bells } from './bells.js';
import { BENCH_IMAGE, type BenchDocker } from './docker.js';

/** Installation label of containers that are nobody's agents. */
const BARE = 'bench-bare';
export const AGENT_USER = { uid: 1000, gid: 1000 };
export const floorDir = fileURLToPath(new URL('../floor', import.meta.url));

let containers = 0;

/** What to create a container from: hardened like an agent's, with another program in it. */
export function bareOptions(entrypoint: string[], mounts: Mount[] = [], env: Record<string, string> = {}) {
  containers += 1;
  const spec = {
    ...{
      name: `wharfie-bench-${process.pid}-${containers}`,
      sessionId: `ses_bare_${containers}`,
      incarnation: 1,
    },
    ...{ image: BENCH_IMAGE, mode: 'run' as const, env, mounts, user: null },
    limits: limitsOf(containerConfigSchema.parse({})),
  };
  return {
    ...createOptions(spec, { installationId: BARE, user: AGENT_USER }),
    Entrypoint: entrypoint,
    Cmd: [],
  };
}

/** Two files and a program that answers rings: the least that a durable round trip can be made of. */
export interface BareTrip {
  /** Commits, rings, waits for the ring and reads what came. */
  trip(): Promise<void>;
  close(): Promise<void>;
}

/** `docker` null: the program is a process of this machine. */
export async function createBareTrip(docker: BenchDocker | null): Promise<BareTrip> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wb-bare-'));
  chmodSync(folder, 0o755);
  mkdirSync(path.join(folder, 'in'));
  const files = {
    inbound: path.join(folder, 'in', 'inbound.db'),
    outbound: path.join(folder, 'outbound.db'),
  };
  const inbound = openFile(files.inbound, 'DELETE');
  openFile(files.outbound, 'TRUNCATE').close();
  writeFileSync(`${files.outbound}-journal`, '', { flag: 'a' });
  if (docker && process.getuid?.() === 0) {
    for (const file of [files.outbound, `${files.outbound}-journal`])
      chownSync(file, AGENT_USER.uid, AGENT_USER.gid);
  }
  const outbound = new Database(files.outbound, { readonly: true });
  const program = docker ? await inContainer(docker, files) : asProcess(files);
  const write = inbound.prepare('INSERT INTO messages (body) VALUES (?)');
  const read = outbound.prepare<[], string>('SELECT body FROM messages ORDER BY n DESC LIMIT 1').pluck();
  let trips = 0;
  await program.rung();
  return {
    async trip() {
      trips += 1;
      const body = `message ${trips} ${'x'.repeat(300)}`;
      write.run(body);
      const rung = program.rung();
      program.ring();
      await rung;
      if (read.get() !== body) throw new Error('the bare round trip lost a message');
    },
    async close() {
      await program.end();
      inbound.close();
      outbound.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function openFile(file: string, journal: 'DELETE' | 'TRUNCATE') {
  const db = new Database(file);
  db.pragma(`journal_mode = ${journal}`);
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE messages (n INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  return db;
}

type Files = { inbound: string; outbound: string };

async function inContainer(docker: BenchDocker, files: Files) {
  const mount = (source: string, target: string, readOnly = false) => ({ source, target, readOnly });
  const container = await docker.calls.createContainer(
    bareOptions(
      ['node', '/workspace/extra/commit.mjs', '/workspace/in/inbound.db', '/workspace/outbound.db'],
      [
        mount(path.dirname(files.inbound), '/workspace/in', true),
        mount(files.outbound, '/workspace/outbound.db'),
        mount(`${files.outbound}-journal`, '/workspace/outbound.db-journal'),
        mount(floorDir, '/workspace/extra', true),
      ],
    ),
  );
  const { stream, ...listening } = await attachBells(container);
  await container.start();
  return {
    ...listening,
    async end() {
      stream.destroy();
      await container.remove({ force: true });
    },
  };
}

function asProcess(files: Files) {
  const child = spawn(process.execPath, [path.join(floorDir, 'commit.mjs'), files.inbound, files.outbound], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return {
    ...bells(child.stdout, child.stdin),
    async end() {
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}
