import { expect, test } from 'vitest';
import { insertMessage } from '../../../src/db/messages-in.js';
import { getSession } from '../../../src/db/sessions.js';
import { chat } from '../session-manager/workspace.js';
import { createWorld, settle, until } from './world.js';

test('a host that ends between two pages of what was said is due for the rest, the answer among it', async () => {
  const world = createWorld();
  const { reader } = world.deps;
  let pages = 0;
  // The second page is never read: the host ends there.
  const read: typeof reader.read = async (request) => {
    pages += 1;
    return pages === 1 ? reader.read(request) : { kind: 'away' };
  };
  await world.restart({ reader: { read } });
  const { id } = await world.manager.write(world.session.id, (db) => insertMessage(db, chat('m-1')));
  const due = () => getSession(world.db, world.session.id)?.nextDueAt ?? null;
  world.container.db.transaction(() => {
    for (let n = 1; n <= 119; n += 1) world.container.say(`step ${n}`);
    world.container.say('the answer', { inReplyTo: id });
    world.container.ack(id, 'done');
  })();
  const cut = world.delivery().drain(world.session.id);
  await world.pass(5000, 100);
  await cut;
  await until(() => world.said().length === 100);
  await settle();
  expect(due()).not.toBe(null);
  await world.restart();
  await world.drain();
  await until(() => world.said().length === 120);
  await settle();
  expect(world.said().at(-1)).toBe('the answer');
  expect(due()).toBe(null);
});
