import type { Clock, Timer } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import { advanceCursors } from '../db/central/messaging-groups.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import type { CursorPoint } from './cursor.js';

const WRITE_AFTER_MS = 250;

export interface CursorStore {
  advance(chatId: string, point: CursorPoint): void;
  /** Writes what waits. */
  flush(): void;
}

/**
 * Writes cursors of all chats together, a moment later. One that is too old after a crash only has gap filling bring
 * again what is there already; a commit for each message would cost as much as a fifth of taking it in.
 */
export function createCursorStore(deps: { db: CentralDb; clock: Clock; log: Log }): CursorStore {
  let waiting = new Map<string, CursorPoint>();
  let timer: Timer | null = null;
  const flush = () => {
    timer?.cancel();
    timer = null;
    if (waiting.size === 0) return;
    try {
      advanceCursors(deps.db, waiting);
      waiting = new Map();
    } catch (error) {
      deps.log.warn({ reason: reasonOf(error) }, 'cursors not stored, trying again');
      timer = deps.clock.after(WRITE_AFTER_MS, flush);
    }
  };
  return {
    advance(chatId, point) {
      const known = waiting.get(chatId);
      if (!known || known.at <= point.at) waiting.set(chatId, point);
      timer ??= deps.clock.after(WRITE_AFTER_MS, flush);
    },
    flush,
  };
}
