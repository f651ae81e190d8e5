import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Lock, QueueEntry, StateAdapter } from 'chat';
import type { Clock } from '../../clock.js';
import { type ChatStateStore, openChatState } from '../../db/chat-state.js';

/**
 * The Chat SDK's state in SQLite, so that it survives a restart. Several channels may share the file: keys hold
 * the adapter's name.
 */
export function createSqliteState(deps: { stateDir: string; clock: Clock }): StateAdapter {
  const { clock } = deps;
  let store: ChatStateStore | null = null;
  const open = (): ChatStateStore => {
    if (!store) throw new Error('the state of the Chat SDK is not connected');
    return store;
  };
  const until = (ttlMs: number | undefined) => (ttlMs === undefined ? null : clock.now() + ttlMs);
  const lockKey = (threadId: string) => `lock:${threadId}`;
  const queueKey = (threadId: string) => `queue:${threadId}`;
  const subscriptionKey = (threadId: string) => `subscription:${threadId}`;

  return {
    async connect() {
      store ??= openChatState(path.join(deps.stateDir, 'chat-sdk.db'), clock.now);
    },
    async disconnect() {
      store?.close();
      store = null;
    },
    async subscribe(threadId) {
      open().set(subscriptionKey(threadId), 'true', null);
    },
    async unsubscribe(threadId) {
      open().delete(subscriptionKey(threadId));
    },
    isSubscribed: async (threadId) => open().get(subscriptionKey(threadId)) !== null,

    async acquireLock(threadId, ttlMs): Promise<Lock | null> {
      const token = randomBytes(12).toString('hex');
      const expiresAt = clock.now() + ttlMs;
      return open().setNew(lockKey(threadId), token, expiresAt) ? { threadId, token, expiresAt } : null;
    },
    extendLock: async (lock, ttlMs) =>
      open().swap(lockKey(lock.threadId), lock.token, lock.token, clock.now() + ttlMs),
    async releaseLock(lock) {
      open().swap(lockKey(lock.threadId), lock.token, null, null);
    },
    async forceReleaseLock(threadId) {
      open().delete(lockKey(threadId));
    },

    async get(key) {
      const text = open().get(key);
      return text === null ? null : JSON.parse(text);
    },
    async set(key, value, ttlMs) {
      open().set(key, JSON.stringify(value ?? null), until(ttlMs));
    },
    async setIfNotExists(key, value, ttlMs) {
      // The Chat SDK marks a message as seen before its handler has run, and without the chat's id: a message whose
      // commit failed would be lost at its second delivery. Our unique index on messages decides instead.
      if (key.startsWith('dedupe:')) return true;
      return open().setNew(key, JSON.stringify(value ?? null), until(ttlMs));
    },
    async delete(key) {
      open().delete(key);
    },
    async appendToList(key, value, options) {
      const max = options?.maxLength ?? Number.MAX_SAFE_INTEGER;
      open().push(key, JSON.stringify(value ?? null), max, until(options?.ttlMs), true);
    },
    getList: async (key) =>
      open()
        .list(key)
        .map((text) => JSON.parse(text)),

    enqueue: async (threadId, entry: QueueEntry, maxSize) =>
      open().push(queueKey(threadId), JSON.stringify(entry), maxSize, entry.expiresAt, false),
    async dequeue(threadId): Promise<QueueEntry | null> {
      const text = open().shift(queueKey(threadId));
      return text === null ? null : JSON.parse(text);
    },
    queueDepth: async (threadId) => open().list(queueKey(threadId)).length,
  };
}
