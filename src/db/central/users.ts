import { perHandle } from '../per-handle.js';
import type { Role } from '../types.js';
import type { CentralDb } from './index.js';

export interface Membership {
  userId: string;
  name: string;
  /** Null: for all agent groups. */
  agentGroupId: string | null;
  role: Role;
  createdAt: number;
}

interface Row {
  user_id: string;
  name: string;
  agent_group_id: string | null;
  role: Role;
  created_at: number;
}

const SELECT = 'SELECT m.*, u.name FROM memberships m JOIN users u ON u.id = m.user_id';

const statements = perHandle((db) => ({
  addUser: db.prepare<[string, string, number]>(
    `INSERT INTO users (id, name, created_at) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE excluded.name <> '' AND name <> excluded.name`,
  ),
  set: db.prepare<[string, string | null, Role, number]>(
    `INSERT INTO memberships (user_id, agent_group_id, role, created_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (user_id, ifnull(agent_group_id,'')) DO UPDATE SET role = excluded.role`,
  ),
  remove: db.prepare<[string, string | null]>(
    'DELETE FROM memberships WHERE user_id = ? AND agent_group_id IS ?',
  ),
  ofUser: db.prepare<[string], Row>(`${SELECT} WHERE m.user_id = ? ORDER BY m.created_at, m.rowid`),
  all: db.prepare<[], Row>(`${SELECT} ORDER BY m.created_at, m.rowid`),
  owner: db.prepare<[string], { found: number }>(
    "SELECT 1 AS found FROM memberships WHERE role = 'owner' AND user_id <> ? LIMIT 1",
  ),
}));

function toMembership(row: Row): Membership {
  return {
    userId: row.user_id,
    name: row.name,
    agentGroupId: row.agent_group_id,
    role: row.role,
    createdAt: row.created_at,
  };
}

/** Gives this person this role in one agent group, or (null) in all; one role a person and scope. */
export function setMembership(
  db: CentralDb,
  membership: { userId: string; name?: string; agentGroupId: string | null; role: Role; now: number },
): void {
  const { userId, name, agentGroupId, role, now } = membership;
  statements(db).addUser.run(userId, name ?? '', now);
  statements(db).set.run(userId, agentGroupId, role, now);
}

export function removeMembership(db: CentralDb, userId: string, agentGroupId: string | null): boolean {
  return statements(db).remove.run(userId, agentGroupId).changes > 0;
}

export function membershipsOf(db: CentralDb, userId: string): Membership[] {
  return statements(db).ofUser.all(userId).map(toMembership);
}

export function listMemberships(db: CentralDb): Membership[] {
  return statements(db).all.all().map(toMembership);
}

/** Whether anybody is owner, or anybody but `besides`. */
export function hasOwner(db: CentralDb, besides = ''): boolean {
  return statements(db).owner.get(besides) !== undefined;
}

const STRONGEST_FIRST: readonly Role[] = ['blocked', 'owner', 'admin', 'member'];

/** What counts for somebody in one agent group: `blocked` above all, then the strongest role; null for a stranger. */
export function roleIn(memberships: readonly Membership[], agentGroupId: string): Role | null {
  const held = new Set(
    memberships
      .filter((one) => one.agentGroupId === null || one.agentGroupId === agentGroupId)
      .map((one) => one.role),
  );
  return STRONGEST_FIRST.find((role) => held.has(role)) ?? null;
}
