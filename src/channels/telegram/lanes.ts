import type { TelegramUpdate } from '@chat-adapter/telegram';
import type { Clock, Random } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import { backoffMs } from '../backoff.js';
import { pause } from '../chat-sdk/lanes.js';
import { editedIn } from './packets.js';

export interface UpdateLaneDeps {
  /** Takes one update in; rejects when it could not be made durable. */
  take(update: TelegramUpdate): Promise<void>;
  /** The updates that `waiting` gives are others now. */
  onWaitingChanged(): void;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}

export interface UpdateLanes {
  /** Resolves once each of them is taken in, or waits because its chat cannot be taken in just now. */
  push(updates: readonly TelegramUpdate[]): Promise<void>;
  /** The same for what was kept on disk: it waits until it is taken in. */
  resume(updates: readonly TelegramUpdate[]): void;
  /** What waits, oldest first: to be kept on disk before Telegram forgets it. */
  waiting(): TelegramUpdate[];
}

interface Job {
  update: TelegramUpdate;
  waits: boolean;
  settle(): void;
}

/** Longest that the updates of all chats wait for one: a file may take minutes to arrive. */
const PATIENCE_MS = 5000;

/** One lane a chat: in order, one after the other, each tried until it is taken in. No chat holds up another. */
export function createUpdateLanes(deps: UpdateLaneDeps): UpdateLanes {
  const lanes = new Map<string, Job[]>();

  async function work(chat: string, jobs: Job[]): Promise<void> {
    let failures = 0;
    for (let job = jobs[0]; job && !deps.signal.aborted; job = jobs[0]) {
      try {
        await deps.take(job.update);
        jobs.shift();
        job.settle();
        failures = 0;
        if (job.waits) deps.onWaitingChanged();
      } catch (error) {
        if (deps.signal.aborted) break;
        deps.log.warn(
          { chat, code: codeOf(error), reason: reasonOf(error) },
          'intake failed, it is tried again',
        );
        for (const late of jobs) setAside(late);
        await pause(deps, backoffMs(failures, deps.random));
        failures += 1;
      }
    }
    lanes.delete(chat);
  }

  function setAside(job: Job): void {
    job.waits = true;
    job.settle();
  }

  function add(job: Job): void {
    const chat = chatOf(job.update);
    const lane = lanes.get(chat);
    if (!lane) {
      const started = [job];
      lanes.set(chat, started);
      void work(chat, started);
      return;
    }
    lane.push(job);
    if (lane[0]?.waits) setAside(job);
  }

  return {
    async push(updates) {
      const settled = updates.map(
        (update) =>
          new Promise<void>((resolve) => {
            const timer = deps.clock.after(PATIENCE_MS, () => setAside(job));
            const settle = () => {
              timer.cancel();
              resolve();
            };
            const job = { update, waits: false, settle };
            add(job);
          }),
      );
      await Promise.all(settled);
    },
    resume(updates) {
      for (const update of updates) add({ update, waits: true, settle: () => {} });
    },
    waiting: () =>
      [...lanes.values()]
        .flat()
        .filter((job) => job.waits)
        .map((job) => job.update)
        .sort((a, b) => a.update_id - b.update_id),
  };
}

function chatOf(update: TelegramUpdate): string {
  const { message = editedIn(update), callback_query, message_reaction } = update;
  return String((message ?? callback_query?.message ?? message_reaction)?.chat.id ?? '');
}
