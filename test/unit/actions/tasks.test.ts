import { describe, expect, it } from 'vitest';
import { createActions } from '../../../src/actions/index.js';
import type { CrashPointName } from '../../../src/crash-point.js';
import type { StoredSender } from '../../../src/db/content.js';
import { insertMessage, type NewMessage } from '../../../src/db/inbound/messages-in.js';
import { openTask } from '../../../src/db/inbound/tasks.js';
import type { Session } from '../../../src/db/types.js';
import { createTaskBounds } from '../../../src/tasks/bounds.js';
import { chat } from '../db/inbound-file.js';
import { createWorld } from '../delivery/world.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

const HOUR = 3_600_000;
const DAILY = '0 9 * * *';

/** The clock begins on 15 January 2026 at 13:00 in Berlin. */
function createTaskWorld(onCrashPoint: (name: CrashPointName) => void = () => {}) {
  const bounds = {
    limits: (session: Session) => real().limits(session),
    activeElsewhere: (session: Session, enough: number) => real().activeElsewhere(session, enough),
  };
  const world = createWorld({
    actions: [...createActions({ timeZone: 'Europe/Berlin', bounds })],
    onCrashPoint,
  });
  const real = () => createTaskBounds({ db: world.db, sessions: world.manager, log: world.deps.log });
  const { session, container, clock } = world;
  const open = (taskId = 'ser_1') => world.manager.read(session.id, (db) => openTask(db, taskId));
  const at = (taskId?: string) => {
    const due = open(taskId)?.processAfter ?? null;
    return due === null ? null : new Date(due).toISOString().slice(0, 16);
  };
  const act = async (action: string, more: Record<string, unknown> = {}) => {
    container.act({ action, taskId: 'ser_1', ...more });
    await world.drain();
  };
  const ack = async (status: 'processing' | 'done' | 'failed') => {
    container.ack(open()?.id ?? '', status);
    await world.drain();
  };
  const schedule = (more: Record<string, unknown> = {}) => act('schedule_task', { prompt: 'water', ...more });
  const toSlot = () => clock.advance((open()?.processAfter ?? 0) - clock.now());
  const due = () => world.manager.get(session.id)?.nextDueAt ?? null;
  return { ...world, open, at, act, ack, schedule, toSlot, due };
}

describe('schedule_task', () => {
  it('puts in a run at its time, in the chat and thread that asked, and has the session be due then', async () => {
    const world = createTaskWorld();
    const processAfter = world.clock.now() + HOUR;
    world.container.put(
      { action: 'schedule_task', taskId: 'ser_1', prompt: 'water', processAfter, recurrence: null },
      { kind: 'system', to: 'fake:2', threadId: 't9' },
    );
    await world.drain();
    expect(world.open()).toMatchObject({
      ...{ status: 'pending', processAfter, recurrence: null },
      address: { channelType: 'fake', platformId: 'fake:2', threadId: 't9' },
      content: { prompt: 'water' },
    });
    expect(world.due()).toBe(processAfter);
    expect(world.calls).toEqual([]);
  });

  it('at once wakes the agent', async () => {
    const world = createTaskWorld();
    await world.schedule();
    expect(world.open()?.processAfter).toBeNull();
    expect(world.calls).toEqual([`wake ${world.session.id}`]);
  });

  it('begins a recurrence at its first slot in the zone of the user, or when it is told to', async () => {
    const world = createTaskWorld();
    await world.schedule({ recurrence: DAILY });
    expect(world.at()).toBe('2026-01-16T08:00');
    const processAfter = Date.parse('2026-01-15T20:30Z');
    await world.schedule({ taskId: 'ser_2', recurrence: DAILY, processAfter });
    expect(world.at('ser_2')).toBe('2026-01-15T20:30');
  });

  it.each([
    ['is not a cron expression', { recurrence: 'every day' }],
    ['never comes', { recurrence: '0 0 31 4 *' }],
    ['has passed', { processAfter: Date.parse('2025-01-15T12:00Z') }],
    ['ten years', { processAfter: Date.parse('2126-01-15T12:00Z') }],
    ['processAfter', { processAfter: 'tomorrow' }],
    ['prompt', { prompt: '' }],
    ['not the id of a task', { taskId: "'; --" }],
  ])('is refused with news for the agent: %s', async (words, more) => {
    const world = createTaskWorld();
    await world.schedule(more);
    expect(world.open()).toBeUndefined();
    expect(world.news()).toEqual([expect.stringContaining(words)]);
    expect(world.news()[0]).toContain('"schedule_task" was refused');
    expect(world.said()).toEqual([]);
  });

  it('is refused in a chat that the agent is not wired to, and for a known id', async () => {
    const world = createTaskWorld();
    world.container.put(
      { action: 'schedule_task', taskId: 'ser_1', prompt: 'p' },
      { kind: 'system', to: 'fake:9' },
    );
    await world.schedule({ recurrence: DAILY });
    await world.schedule();
    expect(world.news()).toEqual([expect.stringContaining('no chat'), expect.stringContaining('already')]);
  });
});

describe('recurrence', () => {
  it('goes on in the transaction that ends a run, well or not', async () => {
    const points: string[] = [];
    const world = createTaskWorld((name) => void points.push(name));
    await world.schedule({ recurrence: DAILY });
    for (const [end, next] of [
      ['done', '2026-01-17T08:00'],
      ['failed', '2026-01-18T08:00'],
    ] as const) {
      await world.toSlot();
      await world.ack('processing');
      const { id } = world.open() ?? {};
      await world.ack(end);
      expect(world.open()?.id).not.toBe(id);
      expect(world.at()).toBe(next);
      // The same acknowledgement again, as after a host that was killed before it moved its cursor.
      world.container.ack(id ?? '', end);
      await world.restart();
      await world.drain();
      expect(world.at()).toBe(next);
    }
    expect(points).toEqual(['sweep:recurrence', 'sweep:recurrence']);
    expect(world.due()).toBe(Date.parse('2026-01-18T08:00Z'));
  });

  it('is not half done when the host ends in the middle of it', async () => {
    let kill = true;
    const world = createTaskWorld(() => {
      if (kill) throw new Error('killed');
    });
    await world.schedule({ recurrence: DAILY });
    await world.toSlot();
    const first = world.open();
    await world.ack('done');
    expect(world.open()).toEqual(first);
    kill = false;
    await world.restart();
    await world.drain();
    expect(world.at()).toBe('2026-01-17T08:00');
  });
});

describe('a series in a chat that the agent is not wired to any more', () => {
  it('is paused, and can be resumed when it is again', async () => {
    const world = createTaskWorld();
    await world.schedule({ recurrence: DAILY });
    await world.toSlot();
    world.db.exec("DELETE FROM messaging_group_agents WHERE messaging_group_id = 'mg_f1'");
    await world.ack('done');
    expect(world.open()?.status).toBe('paused');
    expect(world.due()).toBeNull();
    expect(world.news()).toEqual([expect.stringContaining('not wired to its chat')]);
    await world.act('resume_task');
    expect(world.at()).toBe('2026-01-17T08:00');
  });
});

describe('changes of a task', () => {
  it('update_task changes what is given; a new recurrence takes its own next slot', async () => {
    const world = createTaskWorld();
    await world.schedule({ recurrence: DAILY });
    await world.act('update_task', { prompt: 'feed' });
    expect(world.open()).toMatchObject({ content: { prompt: 'feed' }, recurrence: DAILY });
    expect(world.at()).toBe('2026-01-16T08:00');
    await world.act('update_task', { recurrence: '30 14 * * *' });
    expect(world.at()).toBe('2026-01-15T13:30');
    await world.act('update_task', { recurrence: null });
    expect(world.open()).toMatchObject({ recurrence: null, content: { prompt: 'feed' } });
    const processAfter = Date.parse('2026-02-01T08:00Z');
    await world.act('update_task', { processAfter });
    expect(world.at()).toBe('2026-02-01T08:00');
    await world.act('update_task', { recurrence: 'nonsense' });
    expect(world.news()).toEqual([expect.stringContaining('is not a cron expression')]);
    expect(world.at()).toBe('2026-02-01T08:00');
  });

  it('an edit never brings back a slot that was run', async () => {
    const world = createTaskWorld();
    await world.schedule({ recurrence: DAILY });
    await world.toSlot();
    await world.ack('done');
    await world.act('update_task', { recurrence: '0,5 9 * * *' });
    expect(world.at()).toBe('2026-01-16T08:05');
    await world.toSlot();
    await world.ack('processing');
    await world.clock.advance(5 * 60_000);
    // In the middle of its run: 9:07 has passed and was no slot before.
    await world.act('update_task', { recurrence: '7 9 * * *', prompt: 'feed' });
    await world.ack('done');
    expect(world.at()).toBe('2026-01-17T08:07');
    expect(world.open()?.content).toEqual({ prompt: 'feed', chat: '' });
  });

  it('a task may move, pause or end its own series while it runs', async () => {
    const world = createTaskWorld();
    await world.schedule({ recurrence: DAILY });
    await world.toSlot();
    await world.ack('processing');
    await world.act('update_task', { processAfter: Date.parse('2026-01-16T17:00Z') });
    await world.act('pause_task');
    expect(world.open()?.status).toBe('pending');
    await world.ack('done');
    expect(world.open()?.status).toBe('paused');
    await world.act('resume_task');
    expect(world.at()).toBe('2026-01-16T17:00');
    await world.toSlot();
    await world.ack('processing');
    await world.act('cancel_task');
    await world.ack('done');
    expect(world.open()).toBeUndefined();
    expect(world.news()).toEqual([]);
  });

  it('what is asked together with the end of a run is about the next one', async () => {
    const world = createTaskWorld();
    await world.schedule({ recurrence: DAILY });
    await world.toSlot();
    world.container.act({ action: 'pause_task', taskId: 'ser_1' });
    await world.ack('done');
    expect(world.open()?.status).toBe('paused');
    expect(world.at()).toBe('2026-01-17T08:00');
  });

  it('a paused task misses nothing; resumed, it goes on at its next slot', async () => {
    const world = createTaskWorld();
    await world.schedule({ recurrence: DAILY });
    await world.act('pause_task');
    expect(world.due()).toBeNull();
    await world.clock.advance(3 * 24 * HOUR);
    await world.act('resume_task');
    expect(world.at()).toBe('2026-01-19T08:00');
    expect(world.calls).toEqual([]);
    await world.act('cancel_task');
    for (const action of ['cancel_task', 'pause_task', 'resume_task', 'update_task']) await world.act(action);
    expect(world.news()).toEqual(Array(4).fill(expect.stringContaining('There is no task ser_1')));
  });

  it('one that is to run once cannot be changed while it runs', async () => {
    const world = createTaskWorld();
    await world.schedule();
    await world.ack('processing');
    for (const action of ['cancel_task', 'pause_task', 'update_task']) await world.act(action);
    expect(world.news()).toEqual(Array(3).fill(expect.stringContaining('runs just now')));
    await world.ack('done');
    expect(world.open()).toBeUndefined();
  });
});

describe('who is behind a task', () => {
  const chatOf = (id: string, role: StoredSender['role']) =>
    chat(id, { address: here, sender: { id: `fake:${id}`, name: 'Ada', role } });
  const both = { lowest: 'guest', highest: 'owner', ids: ['fake:owner', 'fake:eve'] };

  it('is everybody in the turn that asks, also where the turn ends in the same moment; the next run has it too', async () => {
    const world = createTaskWorld();
    for (const row of [chatOf('owner', 'owner'), chatOf('eve', 'guest')]) {
      const { id } = await world.manager.write(world.session.id, (db) => insertMessage(db, row));
      world.container.ack(id, 'done');
    }
    await world.schedule({ recurrence: DAILY });
    expect(world.open()?.behind).toEqual(both);
    await world.toSlot();
    await world.ack('processing');
    await world.ack('done');
    expect(world.open()).toMatchObject({ status: 'pending', behind: both });
  });

  it('is whoever changes it as well', async () => {
    const world = createTaskWorld();
    const say = (row: NewMessage) => world.manager.write(world.session.id, (db) => insertMessage(db, row));
    const { id } = await say(chatOf('owner', 'owner'));
    await world.schedule({ recurrence: DAILY });
    expect(world.open()?.behind).toEqual({ lowest: 'owner', highest: 'owner', ids: ['fake:owner'] });
    world.container.ack(id, 'done');
    await world.drain();
    await say(chatOf('mia', 'member'));
    await world.act('update_task', { prompt: 'open the door' });
    expect(world.open()).toMatchObject({
      behind: { lowest: 'member', highest: 'owner', ids: ['fake:owner', 'fake:mia'] },
      content: { prompt: 'open the door' },
    });
  });

  it.each([
    ['update_task', { prompt: 'open the door' }],
    ['pause_task', {}],
    ['cancel_task', {}],
  ])('are not a guest’s to change: %s', async (action, more) => {
    const world = createTaskWorld();
    const say = (row: NewMessage) => world.manager.write(world.session.id, (db) => insertMessage(db, row));
    const { id } = await say(chatOf('owner', 'owner'));
    await world.schedule({ recurrence: DAILY });
    world.container.ack(id, 'done');
    await world.drain();
    const before = world.open();
    const mine = await say(chatOf('eve', 'guest'));
    await world.act(action, more);
    expect(world.open()).toEqual(before);
    expect(world.news()).toEqual([expect.stringContaining('somebody else')]);
    // What guests have had scheduled themselves, they may change.
    await world.schedule({ taskId: 'ser_2', recurrence: DAILY });
    await world.act(action, { ...more, taskId: 'ser_2' });
    expect(world.news()).toHaveLength(1);
    world.container.ack(mine.id, 'done');
  });
});
