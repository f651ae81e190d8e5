import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { migrate, openCentralDb } from '../../../src/db/central/index.js';
import { migrations } from '../../../src/db/central/migrations/index.js';
import {
  addSessionRequest,
  openSessionRequests,
  type SessionRequest,
  sessionRequestResult,
} from '../../../src/db/central/session-requests.js';
import { ensureSession } from '../../../src/db/central/sessions.js';
import { createSessionRequests } from '../../../src/host/session-requests.js';
import type { TaskControl } from '../../../src/tasks/control.js';
import { silentLog } from '../../fakes/log.js';
import { createHarness } from '../people/registration/harness.js';

function world(answer: (key: string) => boolean) {
  const { db, register } = createHarness();
  const { agentGroup, messagingGroup } = register();
  const key = { agentGroupId: agentGroup.id, messagingGroupId: messagingGroup.id, threadId: '' };
  const { id: sessionId } = ensureSession(db, key, 1);
  const done: string[] = [];
  const act = (action: string) => async (_session: string, delivery: string) => {
    done.push(`${action} ${delivery}`);
    return answer(delivery);
  };
  const delivery = { retry: act('retry'), discard: act('discard') };
  const tasks: TaskControl = {
    async apply(verb, which, actor) {
      done.push(`${verb} ${which.taskId} by ${actor}`);
      return { outcome: 'refused', said: 'not so often' };
    },
  };
  const requests = createSessionRequests({ db, delivery, tasks, log: silentLog });
  const ask = (subject: string, action: SessionRequest['action'] = 'retry', now = 1) =>
    addSessionRequest(db, { sessionId, subject, action }, now);
  return { db, requests, ask, done };
}

describe('requests of steps', () => {
  it('are carried out once, in order, with what came of them', async () => {
    const { db, requests, ask, done } = world((key) => key !== 'out:2');
    const ids = [ask('out:1'), ask('out:2', 'discard')];
    await requests.apply();
    await requests.apply();
    expect(done).toEqual(['retry out:1', 'discard out:2']);
    expect(ids.map((id) => sessionRequestResult(db, id)?.outcome)).toEqual(['done', 'nothing']);
  });

  it('that fail stop no other, and are not tried for ever', async () => {
    const { db, requests, ask, done } = world((key) => {
      if (key === 'out:1') throw new Error('its files cannot be used');
      return true;
    });
    const ids = [ask('out:1'), ask('out:2')];
    await requests.apply();
    await requests.apply();
    expect(ids.map((id) => sessionRequestResult(db, id)?.outcome)).toEqual(['failed', 'done']);
    expect(done).toHaveLength(2);
  });

  it('that come while others are carried out are seen too', async () => {
    const late: (() => void)[] = [];
    const { db, requests, ask } = world(() => {
      late.pop()?.();
      return true;
    });
    late.push(() => {
      ask('out:2');
      void requests.apply();
    });
    ask('out:1');
    await requests.apply();
    expect(openSessionRequests(db)).toEqual([]);
  });

  it('are forgotten a week after they were settled', async () => {
    const { db, requests, ask } = world(() => true);
    const old = ask('out:1');
    await requests.apply();
    ask('out:2', 'retry', 8 * 86_400_000);
    expect(sessionRequestResult(db, old)).toBeNull();
    expect(openSessionRequests(db)).toHaveLength(1);
  });
});

describe('requests about tasks', () => {
  it('are the operator’s, and keep what was said to them', async () => {
    const { db, requests, ask, done } = world(() => true);
    const ids = (['cancel-task', 'pause-task', 'resume-task', 'run-task'] as const).map((action) =>
      ask('ser_1', action),
    );
    await requests.apply();
    expect(done).toEqual(['cancel', 'pause', 'resume', 'run-now'].map((verb) => `${verb} ser_1 by setup`));
    expect(sessionRequestResult(db, ids[0] ?? 0)).toEqual({ outcome: 'refused', said: 'not so often' });
  });

  it('of a later version are not carried out, and hold up no other', async () => {
    const { db, requests, ask, done } = world(() => true);
    const id = ask('ser_1', 'cancel-task');
    db.prepare("UPDATE session_requests SET action = 'frobnicate' WHERE id = ?").run(id);
    ask('out:1');
    await requests.apply();
    expect(done).toEqual(['retry out:1']);
    expect(sessionRequestResult(db, id)?.outcome).toBe('failed');
  });
});

describe('the migration', () => {
  it('comes to a database that is there already', () => {
    const db = openCentralDb(':memory:');
    onTestFinished(() => void db.close());
    expect(openSessionRequests(db)).toEqual([]);
  });

  it('takes along what was asked of a host of yesterday that did not look any more', () => {
    const db = new Database(':memory:');
    onTestFinished(() => void db.close());
    migrate(
      db,
      migrations.filter(({ name }) => name !== '008-session-requests'),
    );
    db.exec(`
      INSERT INTO agent_groups (id, name, folder, agent_provider, created_at) VALUES ('ag', 'A', 'a', 'mock', 1);
      INSERT INTO sessions (id, agent_group_id, last_active_at, created_at) VALUES ('ses', 'ag', 1, 1);
      INSERT INTO delivery_requests (session_id, delivery_key, action, outcome, created_at)
        VALUES ('ses', 'out:1', 'retry', 'done', 1), ('ses', 'out:2', 'discard', NULL, 2)`);
    migrate(db, migrations);
    expect(openSessionRequests(db)).toEqual([
      { id: 1, sessionId: 'ses', subject: 'out:2', action: 'discard' },
    ]);
  });
});
