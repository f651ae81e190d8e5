import type { Command } from './manager.js';
import type { ServiceKind } from './types.js';

/** Runs a program and tells its exit code (null: it could not be started) and its last lines. */
export type Runner = (command: Command) => Promise<{ code: number | null; tail: string[] }>;

const UP = new Set(['running', 'degraded', 'starting', 'maintenance', 'initializing']);

/** The service manager that works for this user on this machine. */
export async function detectKind(
  { platform, uid }: { platform: NodeJS.Platform; uid: number },
  run: Runner,
): Promise<ServiceKind> {
  if (platform === 'darwin') return 'launchd';
  if (platform !== 'linux') return 'wrapper';
  const scope = uid === 0 ? [] : ['--user'];
  // Exit codes differ between versions, and `degraded` is one of failure: some other unit has failed.
  const { tail } = await run(['systemctl', ...scope, 'is-system-running']);
  if (!tail.some((line) => UP.has(line.trim()))) return 'wrapper';
  return uid === 0 ? 'systemd-system' : 'systemd-user';
}
