import { sleep } from '../clock.js';
import { isOwn, openBehind } from '../db/inbound/behind.js';
import { cancelOpen } from '../db/inbound/messages-in.js';
import { reasonOf } from '../errors.js';
import { sentences } from '../voice/index.js';
import type { Command, CommandDeps, CommandTarget } from './types.js';

/** How long the runner has to end its turn by itself. */
const PATIENCE_MS = 2000;
const LOOK_EVERY_MS = 250;

/** `/stop`: what is worked on in this chat and thread ends, and is not taken up again. A guest stops what he alone has caused. */
export const stop: Command = {
  async run(target, { to, senderId }, deps) {
    const { session, role } = target;
    const { sessions, containers, clock, log, tasks } = deps;
    const now = clock.now();
    const cancelled = await sessions.write(session.id, (db) => {
      // All or nothing: what is taken out of a turn under way begins that turn anew.
      const own = role !== 'guest' || openBehind(db, now, to).every((one) => isOwn(one, senderId));
      if (!own) return null;
      const stopped = cancelOpen(db, now, to);
      // This run ends; the series goes on.
      tasks.settled(
        db,
        stopped.map((message) => message.id),
        now,
      );
      return stopped;
    });
    if (cancelled === null) return sentences.commands.stopNotYours();
    if (cancelled.length === 0) return sentences.commands.nothingToStop();
    if (containers.isUp(session.id)) {
      containers.wake(session.id);
      const ids = new Set(cancelled.map((message) => message.id));
      void insist(target, ids, deps).catch((error: unknown) => {
        log.error({ session: session.id, reason: reasonOf(error) }, 'stop not enforced');
      });
    }
    return sentences.commands.stopped();
  },
};

/** Ends the container if the runner holds on to what was cancelled. */
async function insist({ session }: CommandTarget, ids: Set<string>, deps: CommandDeps): Promise<void> {
  const { clock, containers, log } = deps;
  const until = clock.monotonic() + PATIENCE_MS;
  while (clock.monotonic() < until) {
    await sleep(clock, LOOK_EVERY_MS);
    if (!containers.isUp(session.id)) return;
    const claimed = await claims(session, deps);
    if (claimed && !claimed.some((id) => ids.has(id))) return;
  }
  log.warn({ session: session.id }, 'turn did not stop: container ended');
  await containers.stop(session.id, 'stopped-by-person', 0);
}

/** The messages that the runner holds; null: it cannot be known just now. */
async function claims(
  session: CommandTarget['session'],
  { sessions, reader }: CommandDeps,
): Promise<string[] | null> {
  const file = sessions.paths(session).outboundDb;
  // The runner keeps this table small: one page has all that counts.
  const at = { afterSeq: Number.MAX_SAFE_INTEGER, afterAck: 0 };
  const read = await reader.read({ sessionId: session.id, file, ...at });
  if (read.kind !== 'rows') return null;
  return read.acks.filter((ack) => ack.status === 'processing').map((ack) => ack.messageId);
}
