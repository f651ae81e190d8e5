/** Where a chat's gap filling would have to start. */
export interface CursorPoint {
  messageId: string;
  at: number;
}

export interface CursorKeeper {
  /** Announces an event in the order of arrival; the same id again after a failure takes its old place. */
  begin(chatId: string, point: CursorPoint): void;
  /** Settled: the point up to which everything is, if that moved. */
  done(chatId: string, messageId: string): CursorPoint | null;
  /** Not settled: the cursor stays before it until it is delivered again. */
  failed(chatId: string, messageId: string): void;
}

interface Entry extends CursorPoint {
  state: 'open' | 'done' | 'failed';
}

/** Entries a chat; beyond it the oldest failure is given up, or a platform that never redelivers would pin it. */
const MAX_ENTRIES = 1_000;

/**
 * Keeps a cursor from passing an event that failed while a later one of the same chat went through: after a restart
 * gap filling then brings the failed one again.
 */
export function createCursorKeeper(): CursorKeeper {
  const chats = new Map<string, Entry[]>();
  const find = (chatId: string, messageId: string) =>
    chats.get(chatId)?.find((entry) => entry.messageId === messageId);

  return {
    begin(chatId, point) {
      const known = find(chatId, point.messageId);
      if (known) {
        known.state = 'open';
        return;
      }
      const entries = chats.get(chatId) ?? [];
      entries.push({ ...point, state: 'open' });
      if (entries.length > MAX_ENTRIES) entries.shift();
      chats.set(chatId, entries);
    },
    done(chatId, messageId) {
      const entries = chats.get(chatId);
      const entry = find(chatId, messageId);
      if (!entries || !entry) return null;
      entry.state = 'done';
      const blocked = entries.findIndex((one) => one.state !== 'done');
      const settled = entries.splice(0, blocked === -1 ? entries.length : blocked);
      if (entries.length === 0) chats.delete(chatId);
      // Platforms deliver out of order now and then: the newest of what is settled counts.
      const newest = settled.reduce<Entry | null>((a, b) => (a && a.at > b.at ? a : b), null);
      return newest && { messageId: newest.messageId, at: newest.at };
    },
    failed(chatId, messageId) {
      const entry = find(chatId, messageId);
      if (entry) entry.state = 'failed';
    },
  };
}
