import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { createRetention } from '../../../src/host-sweep/retention.js';
import { createMemoryLog } from '../../fakes/log.js';
import { chat, workspace } from '../session-manager/workspace.js';

const DAY = 86_400_000;

function createOld() {
  const space = workspace();
  const { db, clock, manager } = space;
  const { log, lines } = createMemoryLog();
  const retain = createRetention({ clock, log, central: db, sessions: manager });
  const session = space.resolve();
  /** Files of a message that came `days` ago. */
  const files = (name: string, days: number) => {
    const folder = path.join(manager.paths(session).filesIn, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, '1-a.txt'), 'a');
    const at = (clock.now() - days * DAY) / 1000;
    utimesSync(folder, at, at);
    return folder;
  };
  const deliver = (key: string, days: number, nextAttemptAt: number | null = null) =>
    manager.write(session.id, (inbound) =>
      inbound
        .prepare(
          `INSERT INTO delivered (key, part, seq, state, next_attempt_at, created_at, updated_at)
           VALUES (?, 0, 1, 'sent', ?, 1, ?)`,
        )
        .run(key, nextAttemptAt, clock.now() - days * DAY),
    );
  const keys = () =>
    manager.read(session.id, (inbound) =>
      inbound.prepare('SELECT key FROM delivered ORDER BY key').pluck().all(),
    );
  return { ...space, retain, lines, session, files, deliver, keys };
}

describe('retention', () => {
  it('lets go of old attachments, but not of those of a message that is still open', async () => {
    const world = createOld();
    const attachment = {
      name: 'a.txt',
      type: 'text/plain',
      size: 1,
      path: '/workspace/in/files/open/1-a.txt',
    };
    const { content } = chat('m1');
    await world.manager.write(world.session.id, (db) =>
      insertMessage(db, chat('m1', { content: { ...content, attachments: [attachment] } })),
    );
    const [old, young, open] = [world.files('old', 31), world.files('young', 29), world.files('open', 31)];
    await world.retain();
    expect([old, young, open].map((folder) => existsSync(folder))).toEqual([false, true, true]);
  });

  it('forgets deliveries that were settled long ago', async () => {
    const world = createOld();
    await world.deliver('out:old', 91);
    await world.deliver('out:waits', 91, world.clock.now());
    await world.deliver('out:young', 89);
    await world.retain();
    expect(world.keys()).toEqual(['out:waits', 'out:young']);
  });

  it('names once what an agent made that git or Claude Code would obey', async () => {
    const world = createOld();
    const { group } = world.manager.paths(world.session);
    mkdirSync(path.join(group, 'sub', '.git'), { recursive: true });
    const named = () => world.lines.filter((line) => JSON.stringify(line).includes('sub/.git')).length;
    await world.retain();
    expect(named()).toBe(1);
    await world.clock.advance(DAY + 1);
    await world.retain();
    expect(named()).toBe(1);
  });

  it('looks at each session once a day, and at none whose container is up', async () => {
    const world = createOld();
    world.db.exec("UPDATE sessions SET container_state = 'running'");
    const first = world.files('first', 31);
    await world.retain();
    expect(existsSync(first)).toBe(true);
    world.db.exec("UPDATE sessions SET container_state = 'stopped'");
    await world.retain();
    const second = world.files('second', 31);
    await world.retain();
    expect([first, second].map((folder) => existsSync(folder))).toEqual([false, true]);
    await world.clock.advance(DAY + 1);
    await world.retain();
    expect(existsSync(second)).toBe(false);
  });

  it('goes on behind a session that cannot be used', async () => {
    const world = createOld();
    const other = world.resolve('t', 'per-thread');
    writeFileSync(world.manager.paths(other).inboundDb, 'this is no database, and was never one'.repeat(100));
    world.db.prepare('UPDATE sessions SET retained_at = -1 WHERE id = ?').run(other.id);
    const old = world.files('old', 31);
    await world.retain();
    expect(existsSync(old)).toBe(false);
  });
});
