import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { createKeyedQueue } from '../../async/keyed-queue.js';
import type { Clock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { programArgs } from '../../own-programs.js';
import { type ContainerEngine, type ContainerSpec, EngineError } from '../types.js';
import { processEnvironment, requireMounts } from './environment.js';
import { endRecordedGroup } from './group.js';
import { createProcessHandle, type ProcessHandle } from './handle.js';
import { inspectProcess } from './identity.js';
import { createProcessRecords } from './records.js';

/** A program and its arguments; never a shell line. */
export interface Command {
  file: string;
  args: string[];
  cwd: string;
}

/** The agent-runner of this checkout, run by the host's own Node. */
export function runnerCommand(root: string): Command {
  return { file: process.execPath, args: programArgs('runner', root), cwd: root };
}

const CLOSE_GRACE_MS = 2000;

/**
 * The new process waits for a first newline before it becomes the program. So its pid is on disk before it can do
 * anything, and a host that dies in between leaves nothing: `read` fails at the end of standard input.
 */
const GATE = ['-c', 'read -r go && exec "$@"', 'sh'];

/**
 * Runs the runner as a process of the host: for the mock provider and for tests. It is no boundary: nothing of
 * docs/security.md#the-container holds here, and `limits` and `user` are ignored. Its processes end with their host.
 */
export function createProcessEngine(deps: {
  command: Command;
  /** Holds one small file for each process that runs. */
  stateDir: string;
  clock: Clock;
}): ContainerEngine {
  const { command, clock } = deps;
  const records = createProcessRecords(deps.stateDir);
  const handles = new Map<string, ProcessHandle>();
  const oneByOne = createKeyedQueue().run;

  const alive = async (name: string): Promise<ProcessHandle | null> => {
    const handle = handles.get(name);
    if (!handle || handle.alive) return handle ?? null;
    await handle.exited;
    return null;
  };
  const endEarlier = async (name: string) => {
    const record = await records.read(name);
    if (!record) return;
    await endRecordedGroup(record, clock);
    await records.remove(name);
  };
  const launch = async (spec: ContainerSpec): Promise<ProcessHandle> => {
    await requireMounts(spec);
    const { child, leader } = await spawnBehindGate(command, spec);
    const handle = createProcessHandle({
      spec,
      child,
      leader,
      clock,
      async forget() {
        handles.delete(spec.name);
        await records.remove(spec.name);
      },
    });
    handles.set(spec.name, handle);
    try {
      const { startTime = 'unknown' } = (await inspectProcess(leader)) ?? {};
      const { name, sessionId, incarnation } = spec;
      await records.write(name, { pid: leader, startTime, sessionId, incarnation });
    } catch (cause) {
      await handle.stop(0);
      throw startFailed(cause);
    }
    child.stdin.write('\n');
    return handle;
  };

  return {
    kind: 'process',
    async check() {
      for (const path of [command.file, command.cwd]) await access(path).catch(rejectAsStartFailed);
    },
    start: (spec) =>
      oneByOne(spec.name, async () => {
        const running = await alive(spec.name);
        if (running) return running;
        await endEarlier(spec.name);
        return launch(spec);
      }),
    list: async () => [],
    adopt: (name) =>
      oneByOne(name, async () => {
        const running = await alive(name);
        if (!running) await endEarlier(name);
        return running;
      }),
    ensureGone: (name) =>
      oneByOne(name, async () => {
        await handles.get(name)?.stop(0);
        await endEarlier(name);
      }),
    async close() {
      const ending = [...handles.values()].map((handle) => {
        handle.hangUp();
        const kill = clock.after(CLOSE_GRACE_MS, () => void handle.stop(0));
        return handle.exited.finally(() => kill.cancel());
      });
      await Promise.all(ending);
    },
  };
}

async function spawnBehindGate(
  command: Command,
  spec: ContainerSpec,
): Promise<{ child: ChildProcessWithoutNullStreams; leader: number }> {
  const child = spawn('/bin/sh', [...GATE, command.file, ...command.args], {
    cwd: command.cwd,
    env: processEnvironment(spec),
    stdio: 'pipe',
    detached: true,
  });
  await once(child, 'spawn').catch(rejectAsStartFailed);
  child.on('error', () => {});
  if (child.pid === undefined) throw startFailed('it has no pid');
  return { child, leader: child.pid };
}

function startFailed(cause: unknown): EngineError {
  return new EngineError(
    'start-failed',
    `The agent-runner could not be started as a process: ${reasonOf(cause)}.`,
    'Run `npm install` in the project folder, and look at free memory and disk space.',
    { cause },
  );
}

function rejectAsStartFailed(cause: unknown): never {
  throw startFailed(cause);
}
