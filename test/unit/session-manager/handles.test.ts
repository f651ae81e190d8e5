import { readdirSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { chat, workspace } from './workspace.js';

/** Sessions whose inbound.db this process has open. */
function open(home: string): string[] {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return targets
    .filter((target) => target.startsWith(home) && target.endsWith('/inbound.db'))
    .map((target) => target.split('/').at(-3) ?? '');
}

test('handles stay open, and of many sessions only those used last', async () => {
  const { home, resolve, manager } = workspace({ maxHandles: 3 });
  const ids = ['a', 'b', 'c', 'd', 'e'].map((thread) => resolve(thread, 'per-thread').id);
  for (const id of ids) await manager.write(id, (db) => insertMessage(db, chat('1')));
  expect(open(home).sort()).toEqual(ids.slice(2).sort());
  const [, , third = '', , fifth = ''] = ids;
  manager.read(third, (db) => manager.nextSeq(db));
  manager.read(ids[0] ?? '', (db) => manager.nextSeq(db));
  expect(open(home)).toContain(third);
  expect(open(home)).toHaveLength(3);
  manager.release(fifth);
  expect(open(home)).not.toContain(fifth);
  await manager.close();
  expect(open(home)).toEqual([]);
});

test('a session that is written to is not closed under its writer', async () => {
  const { home, resolve, manager } = workspace({ maxHandles: 1 });
  const [a, b] = ['a', 'b'].map((thread) => resolve(thread, 'per-thread').id);
  const writes = [a, b, a, b].map((id, index) =>
    manager.write(id ?? '', (db) => insertMessage(db, chat(String(index)))),
  );
  manager.release(a ?? '');
  expect(await Promise.all(writes)).toMatchObject([{ seq: 2 }, { seq: 2 }, { seq: 4 }, { seq: 4 }]);
  await Promise.resolve();
  expect(open(home)).toEqual([b]);
});
