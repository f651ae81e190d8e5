import type { Clock } from './clock.ts';

/** What the poll loop waits on: something was posted, somebody rang, or the time is up. */
export interface Mailbox<Event> {
  post(event: Event): void;
  ring(): void;
  /** What was posted since the last call, oldest first. */
  take(): Event[];
  /** Resolves at the first ring or post since the last wait, at the latest after `ms`. */
  wait(ms: number): Promise<void>;
}

export function createMailbox<Event>(clock: Clock): Mailbox<Event> {
  let posted: Event[] = [];
  let rung = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    rung = true;
    wake?.();
  };
  return {
    post(event) {
      posted.push(event);
      ring();
    },
    ring,
    take() {
      const events = posted;
      posted = [];
      return events;
    },
    async wait(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = clock.after(ms, resolve);
          wake = () => {
            timer.cancel();
            resolve();
          };
        });
        wake = null;
      }
      rung = false;
    },
  };
}
