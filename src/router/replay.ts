import { chatKey } from '../address.js';
import { type Clock, sleep, type Timer } from '../clock.js';
import {
  expireHeld,
  type HeldMessage,
  heldInWiredChats,
  holdForStuck,
  removeHeld,
} from '../db/central/held-messages.js';
import type { CentralDb } from '../db/central/index.js';
import { BadRowError } from '../db/stored-json.js';
import { codeOf, reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { decodeHeld } from './held-event.js';
import type { Intake } from './types.js';

const AGAIN_MS = 30_000;

export interface Replay {
  /** Takes in what waits in chats that are wired now; resolves with how many. Calls that come meanwhile share it. */
  run(): Promise<number>;
  /** The same; what is not taken in after `ms` goes on behind. */
  runFor(ms: number): Promise<void>;
  /** Something is held now that may be taken in a while later. */
  later(): void;
  close(): void;
}

/** Held messages on their way in. What cannot be taken in now stays held, and is tried again by itself. */
export function createReplay(deps: {
  db: CentralDb;
  clock: Clock;
  log: Log;
  take(intake: Intake): Promise<unknown>;
}): Replay {
  const { db, clock, log } = deps;
  let running: Promise<number> | null = null;
  /** Somebody asked after the list was read: a chat may have been wired since. */
  let asked = false;
  let timer: Timer | null = null;
  let closed = false;

  async function take(held: HeldMessage): Promise<'taken' | 'given-up' | 'held' | 'stuck'> {
    try {
      await deps.take({ ...decodeHeld(held), receivedAt: clock.now() });
      removeHeld(db, held.id);
      return 'taken';
    } catch (error) {
      const unreadable = error instanceof BadRowError;
      if (unreadable) removeHeld(db, held.id);
      const what = unreadable ? 'held message given up' : 'held message stays held';
      log.warn({ chat: held.platformId, reason: reasonOf(error) }, what);
      if (unreadable) return 'given-up';
      if (codeOf(error) !== 'intake-stuck') return 'held';
      holdForStuck(db, held.id);
      return 'stuck';
    }
  }

  async function once(): Promise<{ taken: number; left: boolean }> {
    expireHeld(db, clock.now());
    let taken = 0;
    let left = false;
    const ofChat = async (messages: HeldMessage[]) => {
      for (const held of messages) {
        const outcome = await take(held);
        if (outcome === 'taken') taken += 1;
        if (outcome === 'held' || outcome === 'stuck') left = true;
        // Behind one that stays held its chat waits: the order is that in which they were said.
        // One that waits for a single agent of the chat holds up none of what is kept for another.
        if (outcome === 'held') return;
      }
    };
    const chats = new Map<string, HeldMessage[]>();
    for (const held of heldInWiredChats(db)) {
      const chat = chatKey(held);
      chats.set(chat, [...(chats.get(chat) ?? []), held]);
    }
    await Promise.all([...chats.values()].map(ofChat));
    return { taken, left };
  }

  async function all(): Promise<number> {
    let taken = 0;
    let left: boolean;
    do {
      asked = false;
      const done = await once();
      taken += done.taken;
      left = done.left;
    } while (asked);
    timer?.cancel();
    timer = null;
    if (left) schedule();
    return taken;
  }

  function schedule(): void {
    if (closed) return;
    timer ??= clock.after(AGAIN_MS, () => {
      timer = null;
      void run().catch(report);
    });
  }

  const report = (error: unknown) => log.warn({ reason: reasonOf(error) }, 'held messages stay held');

  function run(): Promise<number> {
    asked = true;
    running ??= all().finally(() => {
      running = null;
    });
    return running;
  }

  return {
    run,
    async runFor(ms) {
      await Promise.race([run(), sleep(clock, ms)]);
    },
    later() {
      if (running) asked = true;
      else schedule();
    },
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}
