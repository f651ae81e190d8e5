import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { register } from '../../../setup/register.js';
import { status } from '../../../setup/status.js';
import { listAgentGroups } from '../../../src/db/central/agent-groups.js';
import { countDropped } from '../../../src/db/central/dropped-messages.js';
import { listMessagingGroups } from '../../../src/db/central/messaging-groups.js';
import { setContainerState } from '../../../src/db/central/session-runs.js';
import { ensureSession } from '../../../src/db/central/sessions.js';
import { addStageTimes } from '../../../src/db/central/stage-times.js';
import { openInbound } from '../../../src/db/inbound/index.js';
import { insertDelivery } from '../../../src/db/inbound/ledger.js';
import { bucketOf, type Histogram } from '../../../src/metrics/histogram.js';
import { createSessionFiles } from '../../../src/session-manager/create-files.js';
import { sessionPaths } from '../../../src/session-manager/paths.js';
import { createInstallation } from './harness.js';

const ID = 'discord:1100000000000000001:1200000000000000002';
const chat = ['--platform-id', ID, '--name', 'Family', '--folder', 'fam'];

/** A wired chat with one session. */
async function withSession() {
  const at = createInstallation();
  await at.run(register, chat);
  const db = at.db();
  const [agent] = listAgentGroups(db);
  const [group] = listMessagingGroups(db);
  if (!agent || !group) throw new Error('not registered');
  const key = { agentGroupId: agent.id, messagingGroupId: group.id, threadId: '' };
  const session = ensureSession(db, key, Date.now());
  const paths = sessionPaths(at.paths, session, { folder: 'fam', place: 'data' });
  createSessionFiles(paths.root);
  return { at, db, session, paths };
}

describe('status', () => {
  it('looks at a folder where nothing is set up, and makes nothing there', async () => {
    const at = createInstallation();
    expect(await at.run(status)).toMatchObject({ exitCode: 0, fields: { HOST: 'stopped', WIRED: 0 } });
    expect(existsSync(at.paths.data)).toBe(false);
  });

  it('tells how long answers took, stage by stage, without a host', async () => {
    const { at, db } = await withSession();
    const took = (ms: number): Histogram => new Map([[bucketOf(ms), 3]]);
    addStageTimes(
      db,
      new Map([
        ['total', took(900)],
        ['model', took(700)],
      ]),
      Date.now(),
    );
    const { fields } = await at.run(status);
    expect(fields.TIMES_MS).toEqual([
      { stage: 'model', count: 3, p50: 724, p99: 724 },
      { stage: 'total', count: 3, p50: 1024, p99: 1024 },
    ]);
  });

  it('counts what waits, what went wrong and what was dropped, without a host', async () => {
    const { at, db, session, paths } = await withSession();
    setContainerState(db, session.id, 'running');
    countDropped(db, { channelType: 'discord', platformId: 'discord:@me:1' }, 'unwired', Date.now());
    const inbound = openInbound(paths.inboundDb);
    inbound
      .prepare(
        `INSERT INTO messages_in (id, seq, kind, trigger, content, created_at) VALUES ('in_1', 2, 'chat', 1, '{}', 1), ('in_2', 4, 'chat', 0, '{}', 1)`,
      )
      .run();
    const to = { channelType: 'discord', platformId: ID, threadId: '' };
    const delivery = { part: 0, to, attempts: 6, nextAttemptAt: null, doubtSince: null, createdAt: 1 };
    insertDelivery(
      inbound,
      {
        ...delivery,
        key: 'out:a',
        seq: 3,
        state: 'dead',
        errorClass: 'permanent',
        lastError: 'no such chat',
      },
      1,
    );
    inbound.close();
    const { fields } = await at.run(status);
    expect(fields).toMatchObject({
      STATUS: 'success',
      WIRED: 1,
      CHATS: [{ platformId: ID, name: 'Family', folders: ['fam'] }],
      SESSIONS: 1,
      RUNNING: 1,
      QUEUED: 1,
      DEAD: 1,
      LATE: 0,
      DROPPED: { unwired: 1 },
      TROUBLED: [{ id: `${session.id}/out:a`, state: 'dead', chat: ID, error: 'no such chat' }],
    });
  });

  it('names a claim whose container gives no sign of life, once minutes have passed', async () => {
    const { at, db, session, paths } = await withSession();
    const inbound = openInbound(paths.inboundDb);
    const insert = `INSERT INTO messages_in (id, seq, kind, trigger, content, created_at) VALUES ('in_1', 2, 'chat', 1, '{}', 1)`;
    inbound.prepare(insert).run();
    inbound.close();
    db.prepare('UPDATE sessions SET last_active_at = 1').run();
    const stale = async (state: 'running' | 'stopped', beatMinutesAgo: number) => {
      setContainerState(db, session.id, state);
      writeFileSync(paths.heartbeat, '');
      const beatAt = Date.now() / 1000 - beatMinutesAgo * 60;
      utimesSync(paths.heartbeat, beatAt, beatAt);
      return (await at.run(status)).fields.STALE;
    };
    expect(await stale('running', 6)).toEqual([session.id]);
    expect(await stale('running', 4)).toBeUndefined();
    // Nobody says that it is at work: it only waits.
    expect(await stale('stopped', 6)).toBeUndefined();
  });

  it('names a session that cannot be read, a wiring that cannot be used, and goes on', async () => {
    const { at, db, session, paths } = await withSession();
    writeFileSync(
      paths.inboundDb,
      'not a database, but long enough to be looked at as if it were one'.repeat(20),
    );
    db.prepare(`UPDATE messaging_group_agents SET trigger_rules = '[]'`).run();
    expect((await at.run(status)).fields).toMatchObject({
      STATUS: 'success',
      UNREADABLE: [session.id],
      BAD_WIRINGS: [expect.stringContaining('trigger_rules')],
    });
  });

  it('leaves no lock behind and opens nothing that a container wrote', async () => {
    const { at, paths } = await withSession();
    writeFileSync(paths.outboundDb, 'whatever a container left');
    const holder = new Database(paths.inboundDb);
    expect((await at.run(status)).fields).toMatchObject({ SESSIONS: 1 });
    holder.pragma('busy_timeout = 0');
    holder.exec('BEGIN EXCLUSIVE; ROLLBACK');
    holder.close();
  });

  it.each([
    [
      'of a newer version',
      (at: ReturnType<typeof createInstallation>) => {
        at.db().prepare(`INSERT INTO migrations VALUES ('999-later', 1)`).run();
      },
      'database-newer',
    ],
    [
      'that is none',
      (at: ReturnType<typeof createInstallation>) => {
        at.db().close();
        writeFileSync(at.paths.centralDb, 'text'.repeat(2000));
      },
      'sqlite-notadb',
    ],
  ])('says what to do about a database %s', async (_, damage, code) => {
    const at = createInstallation();
    damage(at);
    const { exitCode, fields } = await at.run(status);
    expect({ exitCode, error: fields.ERROR }).toEqual({ exitCode: 2, error: code });
  });
});
