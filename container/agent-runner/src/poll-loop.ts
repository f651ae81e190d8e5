import { z } from 'zod';
import { isLater } from './db/driver.ts';
import { endCancelled } from './poll-loop/cancel.ts';
import type { Heard, Loop } from './poll-loop/context.ts';
import { rememberContinuation } from './poll-loop/conversation.ts';
import { finishTurn } from './poll-loop/finish.ts';
import { goOn } from './poll-loop/go-on.ts';
import { findInterrupted } from './poll-loop/interrupted.ts';
import { pushFollowUps, startNext } from './poll-loop/start.ts';
import { onError, onRetrying, onWorking, tellTrouble } from './poll-loop/trouble.ts';
import { liveUuid } from './turn.ts';

/** The safety net under the bell. */
const POLL_MS = 2_000;
/** After a file that was locked. */
const SOON_MS = 200;
const PRUNE_EVERY_MS = 30_000;

const idSchema = z.object({ id: z.string() });

/** Serves the session for as long as `goesOn`. Rejects where outbound.db cannot be written: the host starts anew. */
export async function runPollLoop(loop: Loop, goesOn: () => boolean = () => true): Promise<void> {
  await patiently(loop, () => findInterrupted(loop));
  let pruned = loop.clock.monotonic();
  while (goesOn()) {
    for (const heard of loop.mailbox.take()) await hear(loop, heard);
    const settled = await once(loop, () => pass(loop));
    if (loop.clock.monotonic() - pruned >= PRUNE_EVERY_MS) {
      pruned = loop.clock.monotonic();
      await once(loop, async () => prune(loop));
    }
    await loop.mailbox.wait(settled ? POLL_MS : SOON_MS);
  }
}

/** Looks once at everything there is to do. Each part may be repeated: nothing is changed before it is committed. */
async function pass(loop: Loop): Promise<void> {
  if (loop.turn) await endCancelled(loop, loop.turn);
  if (loop.turn) {
    const waits = loop.trouble?.retryAt ?? null;
    const due = waits === null || loop.clock.monotonic() >= waits;
    if (!loop.conversation && due) {
      await goOn(loop, loop.turn);
      if (loop.trouble) loop.trouble.retryAt = null;
    }
    if (loop.conversation) await pushFollowUps(loop, loop.turn);
    await tellTrouble(loop, loop.turn);
  }
  while (!loop.turn && (await startNext(loop)));
}

async function hear(loop: Loop, { generation, event }: Heard): Promise<void> {
  if (generation !== loop.generation) return;
  const { turn } = loop;
  switch (event.type) {
    case 'continuation':
      return rememberContinuation(loop, event.value);
    case 'taken-in': {
      const taken = turn?.pushes.filter((push) => liveUuid(push) === event.uuid) ?? [];
      for (const push of taken) push.takenIn = true;
      // Silence was chosen about what was known then.
      if (turn && taken.length > 0) turn.silence = null;
      return;
    }
    case 'silence':
      if (turn) turn.silence = event.reason;
      return;
    case 'model-byte':
      return noteModelByte(loop);
    case 'working':
      noteModelByte(loop);
      return onWorking(loop);
    case 'retrying':
      return onRetrying(loop, event.errorClass);
    case 'result':
      return turn ? finishTurn(loop, turn, event.answers) : undefined;
    case 'error':
      return onError(loop, event);
  }
}

/** The first sign of the model after a push: an answer's first byte where it can be seen, else its first event. */
function noteModelByte({ turn, clock }: Loop): void {
  for (const push of turn?.pushes ?? []) push.firstByteAt ??= clock.now();
}

/** Acknowledgements that the host has taken over are of no more use. The age leaves it time to read them. */
function prune(loop: Loop): void {
  const settled = loop.store.acks.settledBefore(loop.clock.now() - PRUNE_EVERY_MS);
  if (settled.length === 0) return;
  const json = JSON.stringify(settled);
  const pending = new Set(loop.inbound.rows('withStatus', idSchema, 'pending', json).map((row) => row.id));
  const stale = settled.filter((id) => !pending.has(id));
  if (stale.length > 0) loop.store.commit(() => loop.store.acks.remove(stale));
}

/** False where a lock came in the way; it is looked again soon. */
async function once(loop: Loop, action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (!isLater(error)) throw error;
    loop.log.debug({}, 'a session file is locked');
    return false;
  }
}

async function patiently(loop: Loop, action: () => Promise<void>): Promise<void> {
  while (!(await once(loop, action))) await loop.mailbox.wait(SOON_MS);
}
