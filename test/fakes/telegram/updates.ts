export interface FakeUpdate {
  update_id: number;
  message?: unknown;
  edited_message?: unknown;
  channel_post?: unknown;
  edited_channel_post?: unknown;
  callback_query?: unknown;
  message_reaction?: unknown;
}

type Outcome = { updates: FakeUpdate[] } | { conflict: true } | null;

export interface UpdateQueue {
  push(update: Omit<FakeUpdate, 'update_id'>): FakeUpdate;
  /** What was not confirmed. */
  readonly open: readonly FakeUpdate[];
  /** Somebody waits for the next one. */
  readonly asked: boolean;
  /** `getUpdates`: confirms what is before `offset`, waits until there is something. Null: the asker has gone. */
  ask(options: {
    offset?: number;
    limit: number;
    timeout: number;
    allowed: string[] | null;
    gone: Promise<void>;
  }): Promise<Outcome>;
}

/** Telegram's row of updates for one bot: at least once, in order, one asker at a time. */
export function createUpdateQueue(): UpdateQueue {
  let queue: FakeUpdate[] = [];
  let count = 900;
  let waiter: ((outcome: Outcome | 'look') => void) | null = null;
  return {
    push(update) {
      count += 1;
      const added = { update_id: count, ...update };
      queue.push(added);
      waiter?.('look');
      return added;
    },
    get open() {
      return queue;
    },
    get asked() {
      return waiter !== null;
    },
    async ask({ offset, limit, timeout, allowed, gone }) {
      waiter?.({ conflict: true });
      if (offset !== undefined) queue = queue.filter((update) => update.update_id >= offset);
      for (;;) {
        queue = queue.filter(
          (update) => !allowed || Object.keys(update).some((key) => allowed.includes(key)),
        );
        if (queue.length > 0 || timeout === 0) return { updates: queue.slice(0, limit) };
        const outcome = await new Promise<Outcome | 'look'>((resolve) => {
          waiter = resolve;
          void gone.then(() => resolve(null));
        });
        waiter = null;
        if (outcome !== 'look') return outcome;
      }
    },
  };
}
