import { readdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertDelivery } from '../../src/db/inbound/ledger.js';
import { eventually } from '../system/eventually.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { stepHere } from '../system/steps-here.js';

let home: Installation;

beforeEach(async () => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
  await home.run(['src/index.ts'], { input: 'hello\n' });
});
afterEach(() => home.remove());

function inboundFile(): { session: string; file: string } {
  const sessions = path.join(home.home, 'data', 'v2-sessions');
  const [group = ''] = readdirSync(sessions);
  const [session = ''] = readdirSync(path.join(sessions, group));
  return { session, file: path.join(sessions, group, session, 'in', 'inbound.db') };
}

/** A notice to the terminal that was given up, as delivery leaves it. */
function giveUp(id: string, state: 'dead' | 'unknown' = 'dead'): string {
  const { session, file } = inboundFile();
  const db = new Database(file);
  const to = { channelType: 'cli', platformId: 'cli:local', threadId: '' };
  db.prepare(
    `INSERT INTO notices (id, after_seq, channel_type, platform_id, text, created_at) VALUES (?, 0, 'cli', 'cli:local', ?, 1)`,
  ).run(id, `the words of ${id}`);
  const row = { key: `notice:${id}`, part: 0, seq: 0, to, state, nextAttemptAt: null, doubtSince: null };
  insertDelivery(db, { ...row, errorClass: 'permanent', lastError: 'no', createdAt: 1 }, 1);
  db.close();
  return `${session}/notice:${id}`;
}

describe('deliveries', () => {
  it('lists what was given up, and sends it once more through the running host', async () => {
    const id = giveUp('ntc_one');
    giveUp('ntc_two', 'unknown');
    const host = await home.start();
    const listed = await stepHere(home, 'deliveries', '--list', '--state', 'dead');
    expect(listed.fields).toMatchObject({ COUNT: 1, DEAD: 1, UNKNOWN: 1, DELIVERIES: [{ id }] });
    const chat = await host.chat();
    const retried = await stepHere(home, 'deliveries', '--retry', id);
    expect(retried.fields).toMatchObject({ RESULT: 'done', BY: 'host' });
    await chat.hears('the words of ntc_one');
    const discarded = await stepHere(home, 'deliveries', '--discard', 'notice:ntc_two');
    expect(discarded.fields).toMatchObject({ RESULT: 'done' });
    await eventually(async () => (await stepHere(home, 'deliveries', '--list')).fields.COUNT === 0);
    await host.stop();
  });

  it('does it without a host, whose next start then sends it; names what it cannot find', async () => {
    const id = giveUp('ntc_three');
    const retried = await stepHere(home, 'deliveries', '--retry', id);
    expect(retried.fields).toMatchObject({ RESULT: 'done', BY: 'step' });
    const unknown = await stepHere(home, 'deliveries', '--retry', 'out:nothing');
    expect(unknown).toMatchObject({ exitCode: 4, fields: { ERROR: 'no-such-delivery' } });
    const both = await stepHere(home, 'deliveries', '--list', '--retry', 'x');
    expect(both).toMatchObject({ exitCode: 4, fields: { ERROR: 'conflicting-flags' } });
    const host = await home.start();
    await (await host.chat()).hears('the words of ntc_three');
    await host.stop();
  });
});
