import { describe, expect, it } from 'vitest';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import { type CommandDeps, createCommands } from '../../../src/commands.js';
import { insertMessage } from '../../../src/db/messages-in.js';
import { openTask } from '../../../src/db/tasks.js';
import type { EngagedWiring } from '../../../src/router/types.js';
import type { StageTimes } from '../../../src/stage-times.js';
import { chat } from '../db/inbound-file.js';
import { createContainer } from '../delivery/container.js';
import { channelError, createWorld, settle } from '../delivery/world.js';
import { andy } from '../session-manager/workspace.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

function createChat(up = true) {
  const world = createWorld({ max: 500 });
  const group = {
    ...{ id: 'mg_f1', channelType: 'fake', platformId: 'fake:1', name: 'Chat 1', isGroup: true },
    ...{ adminUserId: null, unknownSenderPolicy: 'open' as const, createdAt: 1 },
    ...{ lastPlatformMessageId: null, lastPlatformAt: null },
  };
  const session = world.manager.resolve({
    ...{ agentGroup: andy, messagingGroup: group, threadId: '', mode: 'shared' },
  });
  const state = { up, queued: [] as string[], last: null as StageTimes | null };
  const calls: string[] = [];
  const deps: CommandDeps = {
    ...{ sessions: world.manager, delivery: world.delivery(), reader: world.deps.reader },
    ...{ clock: world.clock, log: world.deps.log, tasks: world.deps.tasks },
    stages: { last: () => state.last },
    containers: {
      wake: (id) => void calls.push(`wake ${id === session.id}`),
      isUp: () => state.up,
      async stop(_id, reason) {
        calls.push(`stop ${reason}`);
        return null;
      },
      snapshot: () => ({ running: [], queued: state.queued, capacity: 1 }),
    },
  };
  const commands = createCommands(deps);
  const wiring: EngagedWiring = {
    agentGroup: andy,
    messagingGroup: group,
    role: 'member',
    wiring: {
      ...{ id: 'w', messagingGroupId: 'mg_f1', agentGroupId: 'ag_1', sessionMode: 'shared', priority: 0 },
      triggerRules: { pattern: '@Andy', requiresTrigger: true, whenIgnored: 'drop', bots: false },
      createdAt: 1,
    },
  };
  let n = 0;
  const event = (text: string): InboundEvent => {
    n += 1;
    return {
      ...here,
      ...{ messageId: `e${n}`, kind: 'message', chatName: 'Chat 1', isGroup: true, mentioned: false },
      sender: { id: 'fake:ada', name: 'Ada', isBot: false, self: false },
      ...{ text, replyTo: null, attachments: [], at: 1 },
    };
  };
  const handle = async (one: InboundEvent, engaged: EngagedWiring[] = [wiring]) => {
    const handled = await commands.handle(one, engaged);
    await settle();
    return handled;
  };
  const receive = async (platformMessageId: string, threadId = '') =>
    (
      await world.manager.write(session.id, (db) =>
        insertMessage(db, chat(platformMessageId, { address: { ...here, threadId } })),
      )
    ).id;
  const statuses = () =>
    world.manager.read(session.id, (db) =>
      db.prepare<[], string>("SELECT kind || ' ' || status FROM messages_in ORDER BY seq").pluck().all(),
    );
  return { ...world, session, state, calls, wiring, event, handle, receive, statuses };
}

describe('chat commands', () => {
  it('leave everything else to the agent', async () => {
    const world = createChat();
    expect(await world.handle(world.event('/stop the music'))).toBe(false);
    expect(await world.handle(world.event('hello'))).toBe(false);
    expect(world.said()).toEqual([]);
  });

  it('answer once though the platform delivers them again', async () => {
    const world = createChat();
    const event = world.event('/stop');
    await world.handle(event);
    await world.receive('later');
    expect(await world.handle(event)).toBe(true);
    expect(world.said()).toEqual(['There was nothing to stop.']);
    expect(world.statuses()).toEqual(['chat pending']);
  });

  it('speak for each agent that is meant', async () => {
    const world = createChat();
    const second = { ...world.wiring, agentGroup: { ...andy, name: 'Berta' } };
    await world.handle(world.event('/stop'), [world.wiring, second]);
    expect(world.said()).toEqual(['Andy: There was nothing to stop.\nBerta: There was nothing to stop.']);
  });
});

describe('/stop', () => {
  it('cancels what is open in this chat and thread, rings, and leaves a runner that lets go alone', async () => {
    const world = createChat();
    const id = await world.receive('a');
    await world.receive('b', 'other');
    await world.handle(world.event('@Andy /stop'));
    expect(world.said()).toEqual(['Stopped.']);
    expect(world.statuses()).toEqual(['chat cancelled', 'chat pending']);
    expect(world.calls).toEqual(['wake true']);
    expect(id).toMatch(/^in_/);
    await world.pass(5000);
    expect(world.calls).toEqual(['wake true']);
  });

  it('ends the container of a runner that still holds the message after two seconds', async () => {
    const world = createChat();
    const id = await world.receive('a');
    const container = createContainer(world.manager.paths(world.session));
    container.ack(id, 'processing');
    await world.handle(world.event('/stop'));
    await world.pass(1900, 100);
    expect(world.calls).toEqual(['wake true']);
    await world.pass(500, 100);
    expect(world.calls).toEqual(['wake true', 'stop stopped-by-person']);
  });

  it('does not take back a /new that waits for the turn to end', async () => {
    const world = createChat();
    await world.receive('a');
    await world.handle(world.event('/new'));
    await world.handle(world.event('/stop'));
    expect(world.statuses()).toEqual(['chat cancelled', 'system pending']);
  });

  it('ends the run of a task, not its series', async () => {
    const world = createChat();
    await world.manager.write(world.session.id, (db) =>
      insertMessage(db, {
        ...{ kind: 'task', trigger: 1, address: here, createdAt: 1, processAfter: world.clock.now() - 1 },
        ...{ seriesId: 'ser_1', recurrence: '0 9 * * *', content: { prompt: 'p', chat: '' } },
      }),
    );
    await world.handle(world.event('/stop'));
    expect(world.statuses()).toEqual(['task cancelled', 'task pending']);
    const next = world.manager.read(world.session.id, (db) => openTask(db, 'ser_1'))?.processAfter;
    expect(next).toBe(Date.parse('2026-01-16T08:00Z'));
    await world.handle(world.event('/stop'));
    expect(world.statuses()).toEqual(['task cancelled', 'task pending']);
  });

  it('does not start a container', async () => {
    const world = createChat(false);
    await world.receive('a');
    await world.handle(world.event('/stop'));
    expect(world.calls).toEqual([]);
    expect(world.statuses()).toEqual(['chat cancelled']);
  });
});

describe('/new', () => {
  it('asks the runner for a fresh conversation, once', async () => {
    const world = createChat();
    await world.handle(world.event('/new'));
    expect(world.statuses()).toEqual(['system pending']);
    expect(world.calls).toEqual(['wake true']);
    expect(world.said()[0]).toContain('A new conversation');
  });

  it('is not for guests of a group', async () => {
    const world = createChat();
    await world.handle(world.event('/new'), [{ ...world.wiring, role: 'guest' }]);
    expect(world.statuses()).toEqual([]);
    expect(world.said()).toEqual(['Only people whom my operator let in may use /new here.']);
    const direct = { ...world.wiring, messagingGroup: { ...world.wiring.messagingGroup, isGroup: false } };
    await world.handle(world.event('/new'), [{ ...direct, role: 'guest' }]);
    expect(world.statuses()).toEqual(['system pending']);
  });
});

describe('/again', () => {
  it('sends once more what did not arrive, and says so when there is nothing', async () => {
    const world = createChat();
    const container = createContainer(world.manager.paths(world.session));
    container.say('lost');
    world.channel.behave = ({ part }) =>
      part.type === 'text' && part.text === 'lost' ? channelError('permanent') : 'ok';
    await world.drain(world.session.id);
    world.channel.behave = () => 'ok';
    await world.handle(world.event('/again'));
    expect(world.said().slice(1)).toEqual(['lost']);
    await world.handle(world.event('/again'));
    expect(world.said().at(-1)).toBe('As far as I know everything has arrived here.');
  });
});

describe('/status', () => {
  it('says how long the last answer here took, and how much of that the agent', async () => {
    const world = createChat();
    world.state.last = { total: 2345, model: 1000, answer: 900 };
    await world.handle(world.event('/status'));
    world.state.last = { total: 65_400 };
    await world.handle(world.event('/status'));
    const texts = world.said().map((text) => String(text).split('\n')[2]);
    expect(texts).toEqual([
      'The last answer here took 2.3 s, of which the agent took 1.9 s.',
      'The last answer here took 65 s.',
    ]);
  });

  it('says what the agent does and what waits', async () => {
    const world = createChat();
    await world.handle(world.event('/status'));
    await world.receive('a');
    await world.handle(world.event('/status'));
    world.state.up = false;
    await world.handle(world.event('/status'));
    world.state.queued = ['ses_other', world.session.id];
    await world.handle(world.event('/status'));
    const mock = '\nThis is the mock agent: no model answers here.';
    expect(world.said()).toEqual([
      `Andy is ready.${mock}`,
      `Andy works on 1 message.${mock}`,
      `Andy cannot work just now; 1 message to answer when it can.${mock}`,
      `Andy waits for a free place, 1 before it, with 1 message to answer.${mock}`,
    ]);
  });

  it('counts what is late and what may not have arrived', async () => {
    const world = createChat();
    const container = createContainer(world.manager.paths(world.session));
    container.say('dead');
    container.say('late');
    world.channel.behave = ({ part }) => {
      if (part.type !== 'text') return 'ok';
      if (part.text === 'dead') return channelError('permanent');
      return part.text === 'late' ? channelError('transient', 'fake-unreachable') : 'ok';
    };
    await world.drain(world.session.id);
    await world.handle(world.event('/status'));
    world.channel.behave = () => 'ok';
    await world.pass(5000);
    expect(world.said().at(-1)).toContain(
      'Waiting to be delivered here: 1.\nMay not have arrived here: 1. /again sends it once more.',
    );
  });
});
