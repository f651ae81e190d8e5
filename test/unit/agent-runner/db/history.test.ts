import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { SQL } from '../../../../container/agent-runner/src/db/messages-in.ts';
import { CONTEXT_OF_CHAT } from '../../../../src/db/inbound/message-status.js';
import { INBOUND_SCHEMA } from '../../../../src/db/schema.js';

/** How SQLite goes about a statement. */
function planOf(sql: string): string {
  const db = new Database(':memory:');
  db.exec(INBOUND_SCHEMA);
  const unbound = sql.replace(/\?|@\w+/g, "'x'");
  const rows = db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${unbound}`).all();
  db.close();
  return rows.map((row) => row.detail).join('; ');
}

const { head, barrier, batch, context, staleContext, news } = SQL;
const statements = {
  ...{ head, barrier, batch, context, staleContext, news },
  'context that the host trims': `SELECT seq FROM messages_in WHERE ${CONTEXT_OF_CHAT} ORDER BY seq DESC LIMIT 1`,
};

it.each(Object.entries(statements))('what is open is found without the history: %s', (_, sql) => {
  const plan = planOf(sql);
  expect(plan).toContain('messages_in_open');
  expect(plan).not.toMatch(/autoindex|SCAN messages_in($|;)|TEMP B-TREE/);
});
