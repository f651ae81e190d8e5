import { expect, onTestFinished, test, vi } from 'vitest';
import { createAgentGroup } from '../../../src/db/central/agent-groups.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { sessionsMisdated } from '../../../src/db/central/session-runs.js';
import {
  ensureSession,
  findSession,
  getSession,
  listSessions,
  lowerNextDue,
  sessionsOfAgentGroup,
  sessionsOfChat,
  setNextDue,
  touchSession,
} from '../../../src/db/central/sessions.js';

function central() {
  const db = openCentralDb(':memory:');
  onTestFinished(() => void db.close());
  for (const id of ['ag_1', 'ag_2']) {
    createAgentGroup(db, {
      ...{ id, name: id, folder: id, isAdmin: false, agentProvider: 'mock', createdAt: 1 },
      containerConfig: { egress: 'model', mounts: [], serverTools: [] },
    });
  }
  db.exec(`INSERT INTO messaging_groups (id, channel_type, platform_id, name, is_group, unknown_sender_policy, created_at)
           VALUES ('mg_1', 'cli', 'cli:local', 'Terminal', 0, 'open', 1)`);
  return db;
}

const key = { agentGroupId: 'ag_1', messagingGroupId: 'mg_1', threadId: '' };

test('one session for one key, also where the chat is no part of it', () => {
  const db = central();
  const made = ensureSession(db, key, 500);
  expect(made).toEqual({
    ...{ id: expect.stringMatching(/^ses_/), ...key, containerState: 'stopped', incarnation: 0, tries: 0 },
    ...{ nextDueAt: null, lastActiveAt: 500, createdAt: 500 },
  });
  expect(ensureSession(db, key, 900)).toEqual(made);
  const whole = { agentGroupId: 'ag_1', messagingGroupId: null, threadId: '' };
  expect(findSession(db, whole)).toBeUndefined();
  expect(ensureSession(db, whole, 600).id).toBe(ensureSession(db, whole, 700).id);
  const thread = ensureSession(db, { ...key, threadId: 't' }, 700);
  const other = ensureSession(db, { ...key, agentGroupId: 'ag_2' }, 800);
  expect(new Set(listSessions(db).map((session) => session.id)).size).toBe(4);
  expect(sessionsOfChat(db, 'mg_1').map((session) => session.id)).toEqual([made.id, thread.id, other.id]);
  expect(sessionsOfAgentGroup(db, 'ag_2').map((session) => session.id)).toEqual([other.id]);
});

test('the due hint only comes down before a write, and is set exactly after it', () => {
  const db = central();
  const { id } = ensureSession(db, key, 1);
  const due = () => getSession(db, id)?.nextDueAt;
  expect([lowerNextDue(db, id, 500, 1), due()]).toEqual([true, 500]);
  expect([lowerNextDue(db, id, 700, 1), due()]).toEqual([false, 500]);
  expect([lowerNextDue(db, id, 300, 1), due()]).toEqual([true, 300]);
  expect([setNextDue(db, id, 900, 1), due()]).toEqual([true, 900]);
  expect([setNextDue(db, id, 900, 1), due()]).toEqual([false, 900]);
  expect([setNextDue(db, id, null, 1), due()]).toEqual([true, null]);
  expect(setNextDue(db, id, null, 1)).toBe(false);
  touchSession(db, id, 4242);
  expect(getSession(db, id)?.lastActiveAt).toBe(4242);
});

test('a hint that was stored by a clock that has been set back is told until it is stored anew', () => {
  const db = central();
  const { id } = ensureSession(db, key, 1);
  const [ahead, now] = [9_000_000, 1_000_000];
  setNextDue(db, id, ahead + 60_000, ahead);
  expect(sessionsMisdated(db, ahead)).toEqual([]);
  expect(sessionsMisdated(db, now)).toEqual([id]);
  expect(setNextDue(db, id, ahead + 60_000, now)).toBe(true);
  expect(sessionsMisdated(db, now)).toEqual([]);
});

test('a hint that comes up is not waited for, and everything after it is, also where it could not be stored', () => {
  const db = central();
  const { id } = ensureSession(db, key, 1);
  const durable = () => db.pragma('synchronous', { simple: true });
  const asked = vi.spyOn(db, 'pragma');
  setNextDue(db, id, 900, 1);
  expect(asked.mock.calls.map(([pragma]) => pragma)).toEqual(['synchronous = NORMAL', 'synchronous = FULL']);
  expect(durable()).toBe(2);
  db.pragma('query_only = ON');
  expect(() => setNextDue(db, id, 950, 1)).toThrow(/readonly/);
  expect(durable()).toBe(2);
});
