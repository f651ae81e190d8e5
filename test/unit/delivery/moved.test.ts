import { describe, expect, it } from 'vitest';
import type { OutboundPart } from '../../../src/channels/adapter.js';
import { atCurrentIds } from '../../../src/channels/registry/current-ids.js';
import { listAudit } from '../../../src/db/central/audit.js';
import { currentId, recordMove } from '../../../src/db/central/chat-moves.js';
import { findMessagingGroup } from '../../../src/db/central/messaging-groups.js';
import { ensureSession } from '../../../src/db/central/sessions.js';
import { createHarness, message } from '../router/harness.js';
import { createWorld } from './world.js';

const MOVE = { channelType: 'fake', from: 'fake:1', to: 'fake:100' };

function movedWorld() {
  const world = createWorld();
  const { db } = world;
  world.channels.set(
    'fake',
    atCurrentIds(world.channel.adapter, (type, id) => currentId(db, type, id)),
  );
  return world;
}

describe('a chat that has moved', () => {
  it('is answered under its new id, whatever the conversation calls it', async () => {
    const world = movedWorld();
    const before = { channelType: 'fake', platformId: 'fake:1', threadId: '' };
    await world.manager.refreshRouting(world.session.id, before);
    recordMove(world.db, MOVE, 1);
    world.container.say('by the old address', { channelType: 'fake', to: 'fake:1' });
    world.container.say('by default', { channelType: '', to: '' });
    world.container.put({ text: 'by name', to: 'Chat 1' });
    await world.drain();
    expect(world.channel.arrived.map((one) => [one.platformId, one.said])).toEqual([
      ['fake:100', 'by the old address'],
      ['fake:100', 'by default'],
      ['fake:100', 'by name'],
    ]);
  });

  it('is one row, from whichever side it is told, and again', () => {
    const { db } = createWorld();
    const id = findMessagingGroup(db, 'fake', 'fake:1')?.id;
    expect(recordMove(db, MOVE, 1)).toBe(true);
    expect(recordMove(db, MOVE, 2)).toBe(false);
    expect(findMessagingGroup(db, 'fake', 'fake:100')?.id).toBe(id);
    expect(findMessagingGroup(db, 'fake', 'fake:1')).toBeUndefined();
    expect(db.prepare('SELECT count(*) FROM chat_moves').pluck().get()).toBe(1);
    expect(listAudit(db, 5).filter(({ action }) => action === 'chat.moved')).toMatchObject([
      { actor: 'fake', subject: 'fake:1', detail: { to: 'fake:100' } },
    ]);
    recordMove(db, { ...MOVE, from: 'fake:100', to: 'fake:200' }, 4);
    expect(currentId(db, 'fake', 'fake:1')).toBe('fake:200');
  });

  it('may come back, and leave its id to another chat', () => {
    const { db } = createWorld();
    const id = findMessagingGroup(db, 'fake', 'fake:1')?.id;
    recordMove(db, MOVE, 1);
    expect(recordMove(db, { ...MOVE, from: MOVE.to, to: MOVE.from }, 2)).toBe(true);
    expect(findMessagingGroup(db, 'fake', 'fake:1')?.id).toBe(id);
    expect(currentId(db, 'fake', 'fake:1')).toBe('fake:1');
    recordMove(db, MOVE, 3);
    expect(recordMove(db, { ...MOVE, to: MOVE.from }, 4)).toBe(true);
    expect(currentId(db, 'fake', 'fake:1')).toBe('fake:1');
    expect(findMessagingGroup(db, 'fake', 'fake:100')?.id).toBe(id);
  });

  it('takes along what is held for it', async () => {
    const h = createHarness();
    await h.router.routeInbound(message('before', { mentioned: true }));
    recordMove(h.db, { channelType: 'telegram', from: 'telegram:-1', to: 'telegram:-100' }, 1);
    h.register({
      platformId: 'telegram:-100',
      requiresTrigger: false,
      unknownSenders: 'open',
      replay: 'all',
    });
    await h.router.replayHeld();
    expect(h.texts('family')).toEqual(['before']);
  });

  it('leaves two chats alone that are wired both', () => {
    const { db } = createWorld();
    recordMove(db, { ...MOVE, to: 'fake:2' }, 1);
    expect(findMessagingGroup(db, 'fake', 'fake:1')?.id).toBe('mg_f1');
    expect(findMessagingGroup(db, 'fake', 'fake:2')?.id).toBe('mg_f2');
  });

  it('takes the place of one that was only seen', () => {
    const { db, session } = createWorld();
    const { agentGroupId } = session;
    db.prepare("DELETE FROM messaging_group_agents WHERE messaging_group_id = 'mg_f2'").run();
    // It was served once: its conversation is kept.
    ensureSession(db, { agentGroupId, messagingGroupId: 'mg_f2', threadId: '' }, 1);
    recordMove(db, { ...MOVE, to: 'fake:2' }, 1);
    expect(findMessagingGroup(db, 'fake', 'fake:2')?.id).toBe('mg_f1');
  });

  it('keeps its conversation: what is said under either id goes there', async () => {
    const h = createHarness();
    h.register({ requiresTrigger: false });
    await h.router.routeInbound(message('before'));
    recordMove(h.db, { channelType: 'telegram', from: 'telegram:-1', to: 'telegram:-100' }, 1);
    await h.router.routeInbound(message('after', { platformId: 'telegram:-100' }));
    await h.router.routeInbound(message('late', { platformId: 'telegram:-1' }));
    expect(h.sessions()).toHaveLength(1);
    expect(h.texts('family')).toEqual(['before', 'after', 'late']);
  });
});

describe('messages of the chat before', () => {
  const to = { channelType: 'fake', platformId: 'fake:1', threadId: '' };
  const request = { to, idempotencyKey: 'k', signal: new AbortController().signal };

  it('are not answered in the new one', async () => {
    const world = movedWorld();
    recordMove(world.db, MOVE, 1);
    const part: OutboundPart = { type: 'text', text: 'hi', files: [], replyTo: 'old-1' };
    await world.channels.get('fake')?.deliver({ ...request, part });
    expect(world.channel.arrived).toMatchObject([{ platformId: 'fake:100', said: 'hi', replyTo: null }]);
  });

  it('cannot be changed there', async () => {
    const world = movedWorld();
    recordMove(world.db, MOVE, 1);
    const part = { type: 'edit', messageId: 'old-1', text: 'hi' } as const;
    await expect(world.channels.get('fake')?.deliver({ ...request, part })).rejects.toMatchObject({
      code: 'message-left-behind',
      errorClass: 'permanent',
    });
  });
});
