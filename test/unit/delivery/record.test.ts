import { describe, expect, it } from 'vitest';
import { ActionError, type SystemAction } from '../../../src/actions/types.js';
import { recordPlatformIds } from '../../../src/db/inbound/ledger.js';
import { createWorld, settle } from './world.js';

const note: SystemAction = {
  name: 'note',
  apply(request, { db, now, requestId }) {
    db.prepare('INSERT INTO host_state (key, value) VALUES (?, ?)').run(requestId, String(now));
    if (request.fail === 'refuse') throw new ActionError('bad-note', 'It is empty.', 'Write something.');
    if (request.fail === 'bug') throw new TypeError('oops');
    return { news: request.tell === true ? 'Noted.' : null, wake: request.wake === true };
  },
};

const notes = (world: ReturnType<typeof createWorld>) =>
  world.manager.read(world.session.id, (db) =>
    db.prepare<[], string>("SELECT key FROM host_state WHERE key LIKE 'out_%' ORDER BY key").pluck().all(),
  );

describe('destinations', () => {
  it('are those that the agent group is wired to now, and nothing else', async () => {
    const world = createWorld();
    await world.manager.refreshRouting(world.session.id, {
      ...{ channelType: 'fake', platformId: 'fake:1', threadId: '' },
    });
    world.container.put({ text: 'by name', to: 'Chat 2' });
    world.container.put({ text: 'no such name', to: 'Chat 9' });
    world.container.say('forged address', { to: 'fake:99' });
    world.container.say('other channel', { channelType: 'discord', to: 'fake:1' });
    world.container.say('default route', { channelType: '', to: '' });
    await world.drain();
    expect(world.channel.arrived.map((one) => [one.platformId, one.said]).sort()).toEqual([
      ['fake:1', 'default route'],
      ['fake:2', 'by name'],
    ]);
    expect(world.news()).toHaveLength(3);
    world.db.prepare("DELETE FROM messaging_group_agents WHERE messaging_group_id = 'mg_f2'").run();
    world.container.put({ text: 'not any more', to: 'Chat 2' });
    await world.drain();
    expect(world.channel.arrived).toHaveLength(2);
  });
});

describe('rows that cannot be used', () => {
  it('are refused one by one: the others arrive, chat and agent hear of it', async () => {
    const world = createWorld();
    world.container.put('{"text": 5}');
    world.container.put('not json');
    world.container.say('good');
    await world.drain();
    expect(world.said()).toEqual(["I wrote a reply that couldn't be sent. Please ask me again.", 'good']);
    expect(world.news()).toHaveLength(2);
  });

  it('tell a chat that is not ours nothing', async () => {
    const world = createWorld();
    world.container.put('not json', { to: 'fake:99' });
    await world.drain();
    expect(world.channel.asked).toEqual([]);
  });

  it('are taken once though the container uses an id twice', async () => {
    const world = createWorld();
    world.container.say('first', { id: 'out_same' });
    await world.drain();
    world.container.db.prepare('DELETE FROM messages_out').run();
    world.container.say('second', { id: 'out_same' });
    world.container.say('third');
    await world.drain();
    expect(world.said()).toEqual(['first', 'third']);
  });

  it('that the container takes away before they are sent are given up', async () => {
    const world = createWorld();
    world.channel.setHealth({ state: 'connecting', detail: 'x' });
    world.container.say('gone');
    await world.drain();
    world.container.db.prepare('DELETE FROM messages_out').run();
    await world.restart();
    world.channel.setHealth({ state: 'connected' });
    await world.drain();
    world.delivery().channelConnected('fake');
    await settle();
    expect(world.ledger()[0]).toMatchObject({ state: 'dead', class: 'gone' });
  });
});

describe('system actions', () => {
  it('are done once, in the transaction that records them', async () => {
    const world = createWorld({ actions: [note] });
    world.container.act({ action: 'note', tell: true });
    await world.drain();
    await world.restart();
    await world.drain();
    expect(notes(world)).toEqual(['out_1']);
    expect(world.news()).toEqual(['Noted.']);
    expect(world.calls).toEqual([]);
  });

  it('wake the agent where they made work for it', async () => {
    const world = createWorld({ actions: [note] });
    world.container.act({ action: 'note', wake: true });
    await world.drain();
    expect(world.calls).toEqual([`wake ${world.session.id}`]);
  });

  it('that are refused or fail leave nothing behind and stop nothing', async () => {
    const world = createWorld({ actions: [note] });
    world.container.act({ action: 'note', fail: 'refuse' });
    world.container.act({ action: 'note', fail: 'bug' });
    world.container.act({ action: 'note' });
    world.container.say('good');
    await world.drain();
    expect(notes(world)).toEqual(['out_5']);
    expect(world.said()).toEqual(['good']);
    expect(world.news()).toEqual([
      '"note" was refused: It is empty. Write something.',
      '"note" failed on the host. It was not done.',
    ]);
  });

  it('that nobody knows are told once for each name, and not without bound', async () => {
    const world = createWorld();
    world.container.act({ action: 'fly' });
    world.container.act({ action: 'fly' });
    await world.drain();
    expect(world.news()).toEqual(['There is no action "fly". It was not done.']);
    for (let n = 0; n < 70; n += 1) world.container.act({ action: `a${n}` });
    await world.drain();
    expect(world.news()).toHaveLength(50);
  });
});

describe('the ids of a platform', () => {
  it('are all kept, so that a reply to any of them is understood', async () => {
    const world = createWorld();
    world.container.say('x');
    await world.drain();
    await world.manager.write(world.session.id, (db) =>
      recordPlatformIds(db, { key: 'out:out_1', part: 0 }, ['p1', 'p2', 'p3']),
    );
    const found = world.manager.read(world.session.id, (db) =>
      db
        .prepare<[], string>(
          "SELECT key || ' ' || seq FROM delivered WHERE platform_message_id IN ('p1','p2','p3')",
        )
        .pluck()
        .all(),
    );
    expect(found).toEqual(['out:out_1 1', 'out:out_1 1', 'out:out_1 1']);
  });
});
