import { describe, expect, it } from 'vitest';
import { listAudit } from '../../../src/db/central/audit.js';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { openTask } from '../../../src/db/inbound/tasks.js';
import { createChat } from './chat.js';

const DAILY = '0 9 * * *';
const evil = `Water **the** \`plants\`\n[here](https://evil.example) @everyone \u202e and everything else that grows`;

function createTaskChat() {
  const world = createChat();
  const put = (seriesId: string, more: { prompt?: string; platformId?: string; sessionId?: string } = {}) => {
    const { prompt = 'water', platformId = 'fake:1', sessionId = world.session.id } = more;
    return world.manager.write(sessionId, (db) =>
      insertMessage(db, {
        ...{ kind: 'task', trigger: 1, createdAt: 1, processAfter: Date.parse('2026-01-16T08:00Z') },
        address: { channelType: 'fake', platformId, threadId: '' },
        ...{ seriesId, recurrence: DAILY, content: { prompt, chat: '' } },
      }),
    );
  };
  const say = async (text: string, role: 'owner' | 'admin' | 'member' | 'guest' = 'owner') => {
    await world.handle(world.event(text), [{ ...world.wiring, role }]);
    return String(world.said().at(-1));
  };
  const ids = async () =>
    [...(await say('/tasks')).matchAll(/^([0-9a-f]{6,}) {2}/gm)].map(([, id]) => id ?? '');
  const status = (seriesId: string) =>
    world.manager.read(world.session.id, (db) => openTask(db, seriesId)?.status ?? 'gone');
  return { ...world, put, say, ids, status };
}

describe('/tasks', () => {
  it('lists what is to come, as data: bounded, on one line, without a chat’s formatting', async () => {
    const world = createTaskChat();
    expect(await world.say('/tasks')).toBe('There is no task in this chat.');
    await world.put('ser_1', { prompt: evil });
    const lines = (await world.say('@Andy /tasks')).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe('1 task in this chat:');
    expect(lines[1]).toMatch(/^[0-9a-f]{6} {2}2026-01-16 09:00 \(`0 9 \* \* \*`\): "Water ··the·· ·plants·/);
    expect(lines[1]).not.toMatch(/:\/\/|@|\u202e|everything/);
    expect(lines[2]).toContain('/tasks cancel ID');
  });

  it('cancels, pauses and resumes by the short id, and keeps who did it', async () => {
    const world = createTaskChat();
    for (const id of ['ser_1', 'ser_2']) await world.put(id);
    const [first = '', second = ''] = await world.ids();
    expect(await world.say(`/tasks pause ${first.toUpperCase()}`)).toBe(`${first}: It is paused.`);
    expect(world.status('ser_1')).toBe('paused');
    expect(await world.say('/tasks')).toContain(`${first}  paused`);
    expect(await world.say(`/tasks pause ${first}`)).toBe(`${first}: Nothing to change.`);
    expect(await world.say(`/tasks resume ${first}`, 'admin')).toBe(`${first}: It is active again.`);
    expect(await world.say(`/tasks cancel ${second}`)).toBe(`${second}: It is cancelled.`);
    expect([world.status('ser_1'), world.status('ser_2')]).toEqual(['pending', 'gone']);
    expect(listAudit(world.db, 5)).toMatchObject(
      ['cancelled', 'resumed', 'paused'].map((verb) => ({
        actor: 'fake:ada',
        action: `task.${verb}`,
        detail: { folder: 'andy', session: world.session.id },
      })),
    );
    expect(await world.say('/tasks cancel ffffff')).toContain('There is no task "ffffff"');
    expect(await world.say('/tasks cancel')).toContain('Say which');
    await world.put('ser_3');
    await world.say('/tasks cancel all');
    expect([world.status('ser_1'), world.status('ser_3')]).toEqual(['gone', 'gone']);
  });

  it('is refused to members and guests, and does nothing then', async () => {
    const world = createTaskChat();
    await world.put('ser_1');
    const [id = ''] = await world.ids();
    for (const role of ['member', 'guest'] as const) {
      for (const text of ['/tasks', `/tasks cancel ${id}`, '/tasks cancel all', '／tasks pause all']) {
        expect(await world.say(text, role)).toBe('Only my owner or an admin can use /tasks here.');
      }
    }
    expect(world.status('ser_1')).toBe('pending');
  });

  it('says nothing of what other chats have but how many there are, and does not touch them', async () => {
    const world = createTaskChat();
    const elsewhere = world.resolve();
    await world.put('ser_1', {
      sessionId: elsewhere.id,
      platformId: 'fake:2',
      prompt: 'the secret of chat two',
    });
    expect(await world.say('/tasks')).toBe('There is no task in this chat. 1 more in other chats.');
    await world.say('/tasks cancel all');
    expect(world.manager.read(elsewhere.id, (db) => openTask(db, 'ser_1')?.status)).toBe('pending');
    // What another conversation does here, and what this one does elsewhere, is seen.
    await world.put('ser_2', { sessionId: elsewhere.id });
    await world.put('ser_3', { platformId: 'fake:2' });
    expect(await world.ids()).toHaveLength(2);
  });

  it('says that a run under way goes on', async () => {
    const world = createTaskChat();
    await world.put('ser_1');
    const { id } = world.manager.read(world.session.id, (db) => openTask(db, 'ser_1')) ?? { id: '' };
    await world.manager.write(world.session.id, (db) => world.deps.tasks.begun(db, [id], world.clock.now()));
    expect(await world.say('/tasks')).toContain('  runs now (');
    expect(await world.say('/tasks cancel all')).toContain('Send /stop in its chat to end it.');
  });
});

describe('/new', () => {
  it('says what tasks remain, and of those for other chats only that they do', async () => {
    const world = createTaskChat();
    expect(await world.say('/new')).toBe("This is a new conversation. I've forgotten what we said before.");
    await world.put('ser_1', { prompt: 'Water the plants' });
    expect(await world.say('/new', 'member')).toContain(
      '1 task is still scheduled: "Water the plants". Send /tasks to see them.',
    );
    await world.put('ser_2', { prompt: 'secret', platformId: 'fake:2' });
    expect(await world.say('/new')).toContain(
      '2 tasks are still scheduled: "Water the plants", …. Send /tasks to see them.',
    );
    await world.say('/tasks pause all');
    expect(await world.say('/new')).not.toContain('scheduled');
  });
});
