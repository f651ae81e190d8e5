import type { Timer } from '../clock.js';
import { type SessionDue, sessionsDue, sessionsMisdated } from '../db/central/session-runs.js';
import { reasonOf } from '../errors.js';
import type { HostSweepDeps } from './deps.js';

/** Timers are made for what is due within this time; what is later is looked up again before. */
const HORIZON_MS = 60_000;
const PAGE = 200;
const AT_ONCE = 8;
const BEGINNING: SessionDue = { nextDueAt: Number.MIN_SAFE_INTEGER, id: '' };

/** Acts on sessions at the moment when they are due. Asks for due rows only, never for all sessions. */
export interface DueTimers {
  /** `sessions.next_due_at` has changed (epoch milliseconds; null: nothing to do). */
  changed(sessionId: string, dueAt: number | null): void;
  /** Acts on everything that is due now, and sets the timers for the next minute. Never rejects. */
  pass(): Promise<void>;
  close(): void;
}

export function createDueTimers(
  deps: Pick<HostSweepDeps, 'clock' | 'central' | 'log'>,
  act: (sessionId: string) => Promise<void>,
): DueTimers {
  const { clock, central } = deps;
  const timers = new Map<string, Timer>();
  let passing: Promise<void> | null = null;
  let closed = false;

  const cancel = (sessionId: string) => {
    timers.get(sessionId)?.cancel();
    timers.delete(sessionId);
  };
  const changed: DueTimers['changed'] = (sessionId, dueAt) => {
    const now = clock.now();
    cancel(sessionId);
    // What is due already was written by somebody who sees to it now; the next pass looks after it.
    if (closed || dueAt === null || dueAt <= now || dueAt > now + HORIZON_MS) return;
    const timer = clock.after(dueAt - now, () => {
      timers.delete(sessionId);
      void act(sessionId);
    });
    timers.set(sessionId, timer);
  };
  const actOnAll = async (ids: string[]) => {
    const worker = async () => {
      for (let id = ids.shift(); id !== undefined && !closed; id = ids.shift()) await act(id);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  const passOnce = async () => {
    const now = clock.now();
    await actOnAll(sessionsMisdated(central, now));
    let from = BEGINNING;
    for (;;) {
      const page = sessionsDue(central, from, now + HORIZON_MS, PAGE);
      for (const { id, nextDueAt } of page) changed(id, nextDueAt);
      await actOnAll(page.filter(({ nextDueAt }) => nextDueAt <= now).map(({ id }) => id));
      const last = page.at(-1);
      if (!last || page.length < PAGE || closed) return;
      from = last;
    }
  };
  return {
    changed,
    pass() {
      passing ??= passOnce()
        .catch((error: unknown) => deps.log.error({ error: reasonOf(error) }, 'due sessions not read'))
        .finally(() => {
          passing = null;
        });
      return passing;
    },
    close() {
      closed = true;
      for (const id of [...timers.keys()]) cancel(id);
    },
  };
}
