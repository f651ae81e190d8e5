import { shortHash } from '../../ids.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';
import { insertMessage } from './messages-in.js';

/** What waits for an agent that is never woken, or that asks for nonsense, stays bounded. */
const MOST_WAITING = 50;
const NOWHERE = { channelType: '', platformId: '', threadId: '' };

const statements = perHandle((db) => ({
  waiting: db
    .prepare<[], number>(
      "SELECT count(*) FROM messages_in WHERE status = 'pending' AND trigger = 0 AND kind = 'system'",
    )
    .pluck(),
}));

/**
 * Leaves word for the agent; it reads it with its next turn and is not woken. The same `about` is told once, ever.
 * False: told already, or too much waits.
 */
export function tellAgent(db: InboundDb, news: { about: string; text: string }, createdAt: number): boolean {
  if ((statements(db).waiting.get() ?? 0) >= MOST_WAITING) return false;
  const id = `in_news_${shortHash(news.about, 20)}`;
  const content = { type: 'news' as const, text: news.text };
  return insertMessage(db, { id, kind: 'system', trigger: 0, address: NOWHERE, createdAt, content }).inserted;
}
