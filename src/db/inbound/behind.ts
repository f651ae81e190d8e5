import { z } from 'zod';
import type { Address } from '../../address.js';
import type { StoredSender } from '../content.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';

type Role = StoredSender['role'];

const WEAKEST_FIRST: readonly Role[] = ['guest', 'member', 'admin', 'owner'];

export const isAtLeast = (role: Role, needed: Role): boolean =>
  WEAKEST_FIRST.indexOf(role) >= WEAKEST_FIRST.indexOf(needed);

/**
 * The people behind a message, a turn or a question. `highest` decides who may end or answer it, `lowest` what it may
 * claim: so nobody lowers the one, or raises the other, by a word of his own in somebody else's turn.
 */
export interface Behind {
  lowest: Role;
  highest: Role;
  /** Their ids; of a crowd the first fifty. */
  ids: string[];
}

const MOST_IDS = 50;
/** Of what was stored before anybody wrote this down: not a guest's, and nobody's own. */
export const UNKNOWN: Behind = { lowest: 'member', highest: 'member', ids: [] };

const role = z.enum(['guest', 'member', 'admin', 'owner']);
const stored = z.union([
  z.object({ lowest: role, highest: role, ids: z.array(z.string()) }),
  z.object({ id: z.string(), role }).transform((sender) => personBehind(sender)),
]);

export const personBehind = ({ id, role }: Pick<StoredSender, 'id' | 'role'>): Behind => ({
  ...{ lowest: role, highest: role },
  ids: [id],
});

/** All of them together; nobody: unknown. */
export function together(all: readonly Behind[]): Behind {
  const sorted = (roles: Role[]) => roles.sort((a, b) => WEAKEST_FIRST.indexOf(a) - WEAKEST_FIRST.indexOf(b));
  const lowest = sorted(all.map((one) => one.lowest))[0] ?? UNKNOWN.lowest;
  const highest = sorted(all.map((one) => one.highest)).at(-1) ?? UNKNOWN.highest;
  const ids = [...new Set(all.flatMap((one) => one.ids))].slice(0, MOST_IDS);
  return { lowest, highest, ids };
}

/** What stands in `messages_in.sender` or with a question: a person, or everybody behind a task or an answer. */
export function parseBehind(json: string): Behind {
  return stored.safeParse(JSON.parse(json)).data ?? UNKNOWN;
}

interface Row {
  sender: string;
}

const OPEN = `status = 'pending' AND trigger = 1 AND ifnull(process_after, 0) <= ?`;

// None is left out: who has many open messages would hide the others.
const sql = perHandle((db) => ({
  open: db.prepare<[number], Row>(`SELECT DISTINCT sender FROM messages_in WHERE ${OPEN}`),
  // The plus signs keep SQLite from going through all that was ever said in the chat.
  here: db.prepare<[number, string, string, string], Row>(
    `SELECT DISTINCT sender FROM messages_in WHERE ${OPEN} AND +channel_type = ? AND +platform_id = ?
       AND +thread_id = ?`,
  ),
  byId: db.prepare<[string], Row>('SELECT sender FROM messages_in WHERE id = ?'),
  latestFirst: db.prepare<[], Row & { begins: number }>(
    `SELECT sender, kind = 'system' AND json_extract(content, '$.type') = 'new_conversation' AS begins
     FROM messages_in WHERE NOT (kind = 'system' AND trigger = 0 AND sender = '{}') ORDER BY seq DESC`,
  ),
}));

/** The role that the work of a session has in the line: the best of what its open messages may claim. Null: no work. */
export function roleOfWork(db: InboundDb, now: number): Role | null {
  const claims = sql(db)
    .open.all(now)
    .map((row) => parseBehind(row.sender).lowest);
  return WEAKEST_FIRST.findLast((one) => claims.includes(one)) ?? null;
}

/**
 * Who is behind what a container writes: everybody whose open message a turn of that chat and thread may have taken in.
 * Before its acks are applied, or those of a turn that is over are not open any more. The container names a message as
 * well (`inReplyTo`); that can only add somebody.
 */
export function behindTurn(db: InboundDb, turn: Address & { inReplyTo: string | null }, now: number): Behind {
  const named = turn.inReplyTo === null ? undefined : sql(db).byId.get(turn.inReplyTo);
  const here = openBehind(db, now, turn);
  // The chat and thread are the container's word: one in which nothing is open makes nobody's turn of a guest's.
  const open =
    here.length > 0
      ? here
      : sql(db)
          .open.all(now)
          .map((row) => parseBehind(row.sender));
  return together([...open, ...(named ? [parseBehind(named.sender)] : [])]);
}

/** Who is behind each open message of a chat and thread. */
export function openBehind(
  db: InboundDb,
  now: number,
  { channelType, platformId, threadId }: Address,
): Behind[] {
  const rows = sql(db).here.all(now, channelType, platformId, threadId);
  return rows.map((row) => parseBehind(row.sender));
}

/** Holds the conversation, since it began, nothing but what this person has said or caused? */
export function isOwnConversation(db: InboundDb, userId: string): boolean {
  for (const row of sql(db).latestFirst.iterate()) {
    if (row.begins === 1) return true;
    if (!isOwn(parseBehind(row.sender), userId)) return false;
  }
  return true;
}

export const isOwn = ({ ids }: Behind, userId: string): boolean => ids.length === 1 && ids[0] === userId;
