import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

/** A one-time code that registers the chat which sends it. The code itself is nowhere stored. */
export interface Pairing {
  id: string;
  codeHash: string;
  channelType: string;
  /** JSON: what to register (src/people/pairing.ts). */
  request: string;
  /** The sender who used it; null while it is open. */
  usedBy: string | null;
  expiresAt: number;
  createdAt: number;
}

interface Row {
  id: string;
  code_hash: string;
  channel_type: string;
  request: string;
  used_by: string | null;
  expires_at: number;
  created_at: number;
}

const statements = perHandle((db) => ({
  insert: db.prepare<[string, string, string, string, number, number]>(
    `INSERT INTO pairings (id, code_hash, channel_type, request, expires_at, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  ),
  byId: db.prepare<[string], Row>('SELECT * FROM pairings WHERE id = ?'),
  open: db.prepare<[string, number, string], Row>(
    `SELECT * FROM pairings WHERE channel_type = ? AND used_by IS NULL AND expires_at > ? AND code_hash = ?`,
  ),
  anyOpen: db.prepare<[string, number], { found: number }>(
    'SELECT 1 AS found FROM pairings WHERE channel_type = ? AND used_by IS NULL AND expires_at > ? LIMIT 1',
  ),
  use: db.prepare<[string, string]>('UPDATE pairings SET used_by = ? WHERE id = ? AND used_by IS NULL'),
  purge: db.prepare<[number]>('DELETE FROM pairings WHERE expires_at <= ?'),
  tries: db.prepare<[string], { tries: number; last_at: number }>(
    'SELECT tries, last_at FROM pairing_tries WHERE sender_id = ?',
  ),
  addTry: db.prepare<[string, number, number]>(
    `INSERT INTO pairing_tries (sender_id, tries, last_at) VALUES (?, 1, ?)
     ON CONFLICT (sender_id) DO UPDATE SET
       tries = CASE WHEN last_at <= ? THEN 1 ELSE tries + 1 END, last_at = excluded.last_at`,
  ),
  clearTries: db.prepare<[string]>('DELETE FROM pairing_tries WHERE sender_id = ?'),
  purgeTries: db.prepare<[number]>('DELETE FROM pairing_tries WHERE last_at <= ?'),
}));

function toPairing(row: Row): Pairing {
  return {
    id: row.id,
    codeHash: row.code_hash,
    channelType: row.channel_type,
    request: row.request,
    usedBy: row.used_by,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}

export function createPairing(db: CentralDb, pairing: Omit<Pairing, 'usedBy'>): void {
  const { id, codeHash, channelType, request, expiresAt, createdAt } = pairing;
  statements(db).insert.run(id, codeHash, channelType, request, expiresAt, createdAt);
}

export function getPairing(db: CentralDb, id: string): Pairing | undefined {
  const row = statements(db).byId.get(id);
  return row && toPairing(row);
}

/** The unused, unexpired pairing of this channel with this code. */
export function findOpenPairing(
  db: CentralDb,
  channelType: string,
  codeHash: string,
  now: number,
): Pairing | undefined {
  const row = statements(db).open.get(channelType, now, codeHash);
  return row && toPairing(row);
}

export function hasOpenPairing(db: CentralDb, channelType: string, now: number): boolean {
  return statements(db).anyOpen.get(channelType, now) !== undefined;
}

/** False if somebody else was faster. */
export function usePairing(db: CentralDb, id: string, senderId: string): boolean {
  return statements(db).use.run(senderId, id).changes === 1;
}

/** Forgets pairings that ended before `before`. */
export function purgePairings(db: CentralDb, before: number): void {
  statements(db).purge.run(before);
}

/** Wrong codes of this sender, none older than `since`. */
export function wrongTries(db: CentralDb, senderId: string, since: number): number {
  const row = statements(db).tries.get(senderId);
  return row && row.last_at > since ? row.tries : 0;
}

/** Counts a wrong code; tries before `since` are forgotten, also those of others. */
export function addWrongTry(db: CentralDb, senderId: string, now: number, since: number): void {
  statements(db).addTry.run(senderId, now, since);
  statements(db).purgeTries.run(since);
}

export function clearWrongTries(db: CentralDb, senderId: string): void {
  statements(db).clearTries.run(senderId);
}
