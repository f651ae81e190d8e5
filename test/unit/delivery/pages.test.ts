import { expect, test } from 'vitest';
import { getSession } from '../../../src/db/central/sessions.js';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { chat } from '../session-manager/workspace.js';
import { createWorld, settle, until } from './world.js';

test('a host that ends between two pages of what was said is due for the rest, the answer among it', async () => {
  const world = createWorld({ max: 100_000 });
  const { reader } = world.deps;
  // The second page is never taken over: the host ends there. What is in the ledger is looked up all the same.
  const read: typeof reader.read = async (request) =>
    request.afterSeq > 0 && request.afterAck < Number.MAX_SAFE_INTEGER
      ? { kind: 'away' }
      : reader.read(request);
  await world.restart({ reader: { read } });
  const { id } = await world.manager.write(world.session.id, (db) => insertMessage(db, chat('m-1')));
  const due = () => getSession(world.db, world.session.id)?.nextDueAt ?? null;
  world.container.db.transaction(() => {
    // A page ends after a million characters.
    for (let n = 1; n <= 12; n += 1) world.container.say('step '.repeat(19_000));
    world.container.say('the answer', { inReplyTo: id });
    world.container.ack(id, 'done');
  })();
  const cut = world.delivery().drain(world.session.id);
  await world.pass(5000, 100);
  await cut;
  await until(() => world.said().length === 11);
  await settle();
  expect(due()).not.toBe(null);
  await world.restart();
  await world.drain();
  await until(() => world.said().length === 13);
  await settle();
  expect(world.said().at(-1)).toBe('the answer');
  expect(due()).toBe(null);
});
