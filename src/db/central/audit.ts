import { z } from 'zod';
import { newId } from '../../ids.js';
import { perHandle } from '../per-handle.js';
import { parseStored } from '../stored-json.js';
import type { CentralDb } from './index.js';

/** Who changed what. Details never hold secrets. */
export interface AuditEntry {
  /** A user id, or a program's part: `setup`, `host`, `egress`. */
  actor: string;
  /** `registration.created`, `role.changed`, `egress.denied`, … */
  action: string;
  subject: string;
  detail?: Record<string, unknown>;
}

interface Row {
  actor: string;
  action: string;
  subject: string;
  detail: string;
  created_at: number;
}

const KEPT_ROWS = 20_000;
// Only what a container can cause is ever forgotten: it must not be able to push out who registered what.

const statements = perHandle((db) => ({
  insert: db.prepare<[string, string, string, string, string, number]>(
    'INSERT INTO audit (id, actor, action, subject, detail, created_at) VALUES (?, ?, ?, ?, ?, ?)',
  ),
  trim: db.prepare<[number]>(
    `DELETE FROM audit WHERE rowid <= (SELECT max(rowid) FROM audit) - ? AND action LIKE 'egress.%'`,
  ),
  newest: db.prepare<[number], Row>(
    'SELECT actor, action, subject, detail, created_at FROM audit ORDER BY rowid DESC LIMIT ?',
  ),
}));

/** Adds an entry. Of egress denials only those among the newest 20 000 entries are kept. */
export function addAudit(db: CentralDb, entry: AuditEntry, now: number): void {
  const detail = JSON.stringify(entry.detail ?? {});
  statements(db).insert.run(newId('aud'), entry.actor, entry.action, entry.subject, detail, now);
  statements(db).trim.run(KEPT_ROWS);
}

/** The newest entries first. */
export function listAudit(db: CentralDb, limit: number): (Required<AuditEntry> & { at: number })[] {
  return statements(db)
    .newest.all(limit)
    .map((row) => ({
      actor: row.actor,
      action: row.action,
      subject: row.subject,
      detail: parseStored(z.record(z.string(), z.unknown()), row.detail, 'detail of an audit entry'),
      at: row.created_at,
    }));
}
