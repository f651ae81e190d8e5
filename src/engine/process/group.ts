import { type Clock, sleep } from '../../clock.js';
import { codeOf } from '../../errors.js';
import { EngineError } from '../types.js';
import { groupMembers, inspectProcess } from './identity.js';
import type { ProcessRecord } from './records.js';

const LOOK_EVERY_MS = 5;
const LOOKS = 2000;

/** SIGKILL to every process of the group; one that has gone by itself is fine. */
export function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/**
 * Ends a group that an earlier host recorded and resolves when nothing of it runs. The leader's start time must be the
 * recorded one: a pid that was given to somebody else since is left alone. A group whose leader has gone has no writer.
 */
export async function endRecordedGroup(record: ProcessRecord, clock: Clock): Promise<void> {
  const leader = await inspectProcess(record.pid);
  if (leader?.startTime !== record.startTime) return;
  await endGroup(record.pid, clock);
}

/** Ends what runs in a group that is known to be ours. Throws `start-failed` if the kernel does not let it die. */
export async function endGroup(leader: number, clock: Clock): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const members = await groupMembers(leader);
    if (members.length === 0) return;
    killGroup(leader);
    await sleep(clock, LOOK_EVERY_MS);
  }
  throw new EngineError(
    'start-failed',
    `Process group ${leader} of an earlier run does not end.`,
    `Look at it with \`ps -o pid,stat,cmd -g ${leader}\`; a process in state D waits for a disk or network mount.`,
  );
}
