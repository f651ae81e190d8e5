import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process as the kernel shows it. `startTime` tells apart two that had the same pid, one after the other. */
export interface ProcessFacts {
  pid: number;
  group: number;
  session: number;
  startTime: string;
  /** A dead process that nobody has collected yet. */
  zombie: boolean;
}

/**
 * The facts of one process, null when there is none. Linux: `/proc/<pid>/stat`, with the start in clock ticks since
 * boot and the boot's id; elsewhere `ps`, which gives the start to the second.
 */
export async function inspectProcess(pid: number): Promise<ProcessFacts | null> {
  if (process.platform !== 'linux') return (await listWithPs(['-p', String(pid)]))[0] ?? null;
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ]);
  return stat === null ? null : parseStat(stat, boot.trim());
}

/** The processes of a group that still run, the leader or what it left behind. */
export async function groupMembers(group: number): Promise<ProcessFacts[]> {
  return (await listProcesses()).filter((found) => found.group === group && !found.zombie);
}

async function listProcesses(): Promise<ProcessFacts[]> {
  if (process.platform !== 'linux') return listWithPs(['-A']);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => inspectProcess(Number(pid))));
  return found.filter((facts) => facts !== null);
}

/** proc(5): the name in brackets may hold anything, so fields count from the last bracket on. */
export function parseStat(stat: string, boot: string): ProcessFacts | null {
  const pid = Number.parseInt(stat, 10);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , group, session] = fields;
  const startTime = fields[19];
  if (!Number.isInteger(pid) || startTime === undefined) return null;
  return {
    pid,
    group: Number(group),
    session: Number(session),
    startTime: `${boot}/${startTime}`,
    zombie: state === 'Z' || state === 'X',
  };
}

async function listWithPs(which: string[]): Promise<ProcessFacts[]> {
  const { stdout } = await run('ps', [...which, '-o', 'pid=,pgid=,state=,lstart='], {
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  }).catch(() => ({ stdout: '' }));
  return stdout.split('\n').flatMap((line) => parsePsLine(line) ?? []);
}

/** A line of `ps -o pid=,pgid=,state=,lstart=`. A leader started with a session of its own, so group = session. */
export function parsePsLine(line: string): ProcessFacts | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S.*\S)\s*$/.exec(line);
  if (!match) return null;
  const [, pid, group, state = '', startTime = ''] = match;
  return {
    pid: Number(pid),
    group: Number(group),
    session: Number(group),
    startTime,
    zombie: state.startsWith('Z'),
  };
}
