import type { ModelErrorClass, ProviderEvent } from '../providers/types.ts';
import { idsOf, type Turn } from '../turn.ts';
import { commit } from './commit.ts';
import type { Loop, Trouble } from './context.ts';
import { closeConversation, tellLost } from './conversation.ts';
import { failTurn, notice } from './finish.ts';
import { brokenOff } from './go-on.ts';
import { retryDelay } from './retry.ts';
import { FAILED, heldUp, hintIn, WAITING } from './sentences.ts';

/** Most trouble passes before anybody has to know; a refused key does not pass by itself. */
const NOTICE_AFTER_MS = 60_000;
const NOTICE_AGAIN_AFTER_MS = 60 * 60_000;

/** A turn ended without an answer: it is tried again later, or its messages fail with a sentence. */
export async function onError(
  loop: Loop,
  { errorClass, detail, answers }: Extract<ProviderEvent, { type: 'error' }>,
): Promise<void> {
  const { turn } = loop;
  loop.log.warn({ turn: turn?.id, errorClass, detail: detail.slice(0, 2_000) }, 'model error');
  await closeConversation(loop, false);
  if (!turn) return;
  const trouble = { ...continued(loop, errorClass), hint: hintIn(detail) };
  const now = loop.clock.monotonic();
  const delay = retryDelay(errorClass, { ...trouble, sinceMs: now - trouble.since });
  if (delay === null) {
    const takenIn = turn.pushes.filter((push) => push.takenIn);
    await failTurn(loop, turn, takenIn.length > 0 ? takenIn : turn.pushes, FAILED[errorClass], answers);
    return;
  }
  turn.written = [...(turn.written ?? []), ...brokenOff(answers)];
  const { attempts, failures } = trouble;
  loop.trouble = { ...trouble, attempts: attempts + 1, failures: failures + 1, retryAt: now + delay };
  loop.clock.after(delay, loop.mailbox.ring);
  await commit(loop, () => {
    // Said anew, so that the host sees that this turn is looked after.
    loop.store.acks.set(idsOf(turn.pushes), 'processing');
    if (errorClass === 'transcript') loop.store.state.set('continuation', null);
  });
  if (errorClass !== 'transcript') return;
  loop.continuation = null;
  tellLost(loop);
}

/** The provider tries again by itself: progress, but after a minute the chat is told. */
export function onRetrying(loop: Loop, errorClass: ModelErrorClass): void {
  loop.trouble = continued(loop, errorClass);
}

/** The model answers again; the failures of this turn stay counted. */
export function onWorking(loop: Loop): void {
  if (loop.trouble) loop.trouble = { ...loop.trouble, active: false, attempts: 0 };
}

function continued(loop: Loop, errorClass: ModelErrorClass): Trouble {
  const last = loop.trouble;
  const since = loop.clock.monotonic();
  const fresh: Trouble = {
    errorClass,
    hint: null,
    active: true,
    since,
    attempts: 0,
    failures: 0,
    retryAt: null,
  };
  if (!last) return fresh;
  return last.active ? { ...last, errorClass } : { ...fresh, failures: last.failures };
}

/** Tells the chat that its answer is late; at most once an hour for the same cause. */
export async function tellTrouble(loop: Loop, turn: Turn): Promise<void> {
  const { trouble } = loop;
  if (!trouble?.active) return;
  const quietMs = trouble.errorClass === 'authentication' ? 0 : NOTICE_AFTER_MS;
  if (loop.clock.monotonic() - trouble.since < quietMs) return;
  const sentence = trouble.hint === null ? WAITING[trouble.errorClass] : heldUp(trouble.hint);
  if (!sentence) return;
  const given = loop.store.state.get('notices') ?? {};
  const key = [trouble.errorClass, turn.address.platformId, turn.address.threadId].join(' ');
  const now = loop.clock.now();
  const recent = Object.entries(given).filter(([, at]) => now - at < NOTICE_AGAIN_AFTER_MS);
  if (recent.some(([name]) => name === key)) return;
  await notice(loop, turn, sentence, () =>
    loop.store.state.set('notices', { ...Object.fromEntries(recent), [key]: now }),
  );
}
