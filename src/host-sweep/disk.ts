import { getAgentGroup } from '../db/central/agent-groups.js';
import { reasonOf } from '../errors.js';
import { SessionError } from '../session-manager.js';
import type { HostSweepDeps } from './deps.js';

const FIRST_MS = 2000;
const EVERY_MS = 5000;
/** Looking at a large tree may take at most one part of so many of the time. */
const SHARE = 20;

/**
 * Measures what running containers have on disk, one after the other, and stops those over their limit; the start
 * refuses them until there is room again, and says so in the chat. On a disk that is nearly full the largest goes.
 */
export interface DiskWatch {
  /** Begins a look unless one is under way. Never rejects. */
  look(): Promise<void>;
}

export function createDiskWatch(
  deps: Pick<HostSweepDeps, 'clock' | 'log' | 'central' | 'sessions' | 'runner' | 'disk'>,
): DiskWatch {
  const { clock, log, runner, disk } = deps;
  let nextAt = new Map<string, number>();
  let looking = false;

  const stop = (sessionId: string, reason: string, message: string) => {
    log.warn({ session: sessionId, reason, message }, 'container stopped for what it has on disk');
    return runner.stop(sessionId, reason, 0);
  };
  /** Bytes, or null where it was stopped or cannot be told. */
  const measure = async (sessionId: string): Promise<number | null> => {
    const session = deps.sessions.get(sessionId);
    const agentGroup = session && getAgentGroup(deps.central, session.agentGroupId);
    if (!disk || !session || !agentGroup) return null;
    const began = clock.monotonic();
    try {
      return await disk.use(session, agentGroup);
    } catch (error) {
      if (error instanceof SessionError) void stop(sessionId, 'disk-limit', error.message);
      else log.warn({ session: sessionId, error: reasonOf(error) }, 'disk use not measured');
      return null;
    } finally {
      const took = clock.monotonic() - began;
      nextAt.set(sessionId, clock.monotonic() + Math.max(EVERY_MS, took * SHARE));
    }
  };
  const relieve = async (ids: string[]): Promise<void> => {
    let largest = { sessionId: '', bytes: -1 };
    for (const sessionId of ids) {
      const bytes = (await measure(sessionId)) ?? -1;
      if (bytes > largest.bytes) largest = { sessionId, bytes };
    }
    if (largest.bytes >= 0) await stop(largest.sessionId, 'disk-full', 'the disk is nearly full');
  };
  const lookOnce = async (): Promise<void> => {
    const ids = runner.running().map(({ sessionId }) => sessionId);
    const now = clock.monotonic();
    nextAt = new Map(ids.map((id) => [id, nextAt.get(id) ?? now + FIRST_MS]));
    if (ids.length > 0 && (await disk?.isLow())) return relieve(ids);
    for (const id of ids) if ((nextAt.get(id) ?? 0) <= clock.monotonic()) await measure(id);
  };
  return {
    async look() {
      if (looking || !disk) return;
      looking = true;
      await lookOnce()
        .catch((error: unknown) => log.warn({ error: reasonOf(error) }, 'disk use not looked at'))
        .finally(() => {
          looking = false;
        });
    },
  };
}
