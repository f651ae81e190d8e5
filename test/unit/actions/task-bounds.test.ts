import { describe, expect, it } from 'vitest';
import { createActions } from '../../../src/actions/index.js';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { countActiveTasks, openTask } from '../../../src/db/inbound/tasks.js';
import { changeAgentSettings } from '../../../src/people/agent-settings.js';
import { createTaskBounds, type TaskBounds } from '../../../src/tasks/bounds.js';
import { createContainer } from '../delivery/container.js';
import { createWorld } from '../delivery/world.js';

const DAILY = '0 9 * * *';
const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

/** Two conversations of one agent group, each with its container. */
function createBoundWorld() {
  let bounds: TaskBounds | null = null;
  const lazy = () => {
    bounds ??= createTaskBounds({ db: world.db, sessions: world.manager, log: world.deps.log });
    return bounds;
  };
  const timeZone = 'Europe/Berlin';
  const actions = createActions({
    timeZone,
    bounds: {
      limits: (session) => lazy().limits(session),
      activeElsewhere: (session, enough) => lazy().activeElsewhere(session, enough),
    },
  });
  const world = createWorld({ actions: [...actions], max: 500 });
  const other = world.resolve('t2', 'per-thread');
  const theirs = createContainer(world.manager.paths(other));
  const act = (action: string, taskId: string, more: Record<string, unknown> = {}) =>
    world.container.act({ action, taskId, ...more });
  const schedule = (taskId: string, recurrence: string | null = DAILY) =>
    act('schedule_task', taskId, { prompt: 'water', recurrence });
  const open = (taskId: string) => world.manager.read(world.session.id, (db) => openTask(db, taskId));
  const active = (id = world.session.id) => world.manager.read(id, countActiveTasks);
  /** As a version before had it, without any bound. */
  const before = (taskId: string, recurrence: string) =>
    world.manager.write(world.session.id, (db) =>
      insertMessage(db, {
        ...{ kind: 'task', trigger: 1, address: here, createdAt: 1, processAfter: world.clock.now() + 1e6 },
        ...{ seriesId: taskId, recurrence, content: { prompt: 'p', chat: '' } },
      }),
    );
  return { ...world, other, theirs, act, schedule, open, active, before };
}

describe('how many tasks may be active', () => {
  it('is 20 for all conversations of an agent group together', async () => {
    const world = createBoundWorld();
    for (let n = 1; n <= 12; n += 1)
      world.theirs.act({ action: 'schedule_task', taskId: `t_${n}`, prompt: 'p', recurrence: DAILY });
    await world.drain(world.other.id);
    for (let n = 1; n <= 12; n += 1) world.schedule(`ser_${n}`);
    await world.drain();
    expect([world.active(world.other.id), world.active()]).toEqual([12, 8]);
    expect(world.news()[0]).toContain('20 may be active at once');
    expect(world.news()[0]).toContain('./wharfie group --folder "andy" --max-tasks 50');
  });

  it('counts those that run once, and not those that are paused; one that is paused comes back only if there is room', async () => {
    const world = createBoundWorld();
    const later = { prompt: 'p', processAfter: world.clock.now() + 3_600_000 };
    for (let n = 1; n <= 21; n += 1) world.act('schedule_task', `once_${n}`, later);
    await world.drain();
    expect(world.active()).toBe(20);
    world.act('pause_task', 'once_1');
    world.schedule('ser_1');
    world.act('resume_task', 'once_1');
    await world.drain();
    expect(world.open('ser_1')?.status).toBe('pending');
    expect(world.open('once_1')?.status).toBe('paused');
    expect(world.news().at(-1)).toContain('"resume_task" was refused');
    world.act('cancel_task', 'ser_1');
    world.act('resume_task', 'once_1');
    await world.drain();
    expect(world.open('once_1')?.status).toBe('pending');
  });

  it('is what the operator says', async () => {
    const world = createBoundWorld();
    changeAgentSettings(world, 'andy', { provider: 'claude', maxTasks: 1 });
    world.schedule('ser_1');
    world.schedule('ser_2');
    await world.drain();
    expect(world.active()).toBe(1);
    changeAgentSettings(world, 'andy', { provider: 'claude', maxTasks: 120 });
    for (let n = 2; n <= 130; n += 1) world.schedule(`ser_${n}`);
    await world.drain();
    expect(world.active()).toBe(120);
  });

  it('does not let paused ones pile up', async () => {
    const world = createBoundWorld();
    for (let n = 1; n <= 110; n += 1) {
      world.schedule(`ser_${n}`);
      world.act('pause_task', `ser_${n}`);
    }
    await world.drain();
    expect(world.open('ser_100')).toBeDefined();
    expect(world.open('ser_101')).toBeUndefined();
  });
});

describe('how often a task may run', () => {
  it('is decided when it is made, changed and resumed; the refusal has the command that allows it', async () => {
    const world = createBoundWorld();
    world.schedule('ser_1', '* * * * *');
    world.schedule('ser_2');
    world.act('update_task', 'ser_2', { recurrence: '0,2 * * * *' });
    await world.before('old', '*/2 * * * *');
    world.act('pause_task', 'old');
    world.act('resume_task', 'old');
    await world.drain();
    expect(world.open('ser_1')).toBeUndefined();
    expect(world.open('ser_2')?.recurrence).toBe(DAILY);
    expect(world.open('old')?.status).toBe('paused');
    const command = './wharfie group --folder "andy" --min-task-interval';
    expect(world.news()).toEqual([
      expect.stringContaining(`${command} 1m`),
      expect.stringContaining(`${command} 2m`),
      expect.stringContaining(`${command} 2m`),
    ]);
    changeAgentSettings(world, 'andy', { provider: 'claude', minTaskIntervalMs: 60_000 });
    world.schedule('ser_1', '* * * * *');
    world.act('resume_task', 'old');
    await world.drain();
    expect([world.open('ser_1')?.status, world.open('old')?.status]).toEqual(['pending', 'pending']);
  });

  it('leaves what was there before alone: it goes on, and can be given other words', async () => {
    const world = createBoundWorld();
    for (let n = 1; n <= 25; n += 1) await world.before(`old_${n}`, '* * * * *');
    world.act('update_task', 'old_1', { prompt: 'feed' });
    await world.drain();
    expect(world.open('old_1')).toMatchObject({ status: 'pending', content: { prompt: 'feed' } });
    world.container.ack(world.open('old_2')?.id ?? '', 'done');
    await world.drain();
    expect(world.active()).toBe(25);
  });
});
