import { describe, expect, it } from 'vitest';
import { personBehind } from '../../../src/db/inbound/behind.js';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { openTask } from '../../../src/db/inbound/tasks.js';
import { createContainer } from '../delivery/container.js';
import { channelError } from '../delivery/world.js';
import { andy } from '../session-manager/workspace.js';
import { ada, createChat, eve, here, mallory } from './chat.js';

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

  it('is refused to a guest as long as somebody else has work here, and disturbs nothing', async () => {
    const world = createChat();
    await world.receive('a', '', eve);
    await world.receive('b', '', ada);
    await world.handle(world.event('/stop', eve), [world.guest]);
    expect(world.said()).toEqual([
      "I'm working on something for somebody else here, so only people who have been added can stop me.",
    ]);
    expect(world.statuses()).toEqual(['chat pending', 'chat pending']);
    expect(world.calls).toEqual([]);
    await world.handle(world.event('/stop', mallory), [world.guest]);
    expect(world.statuses()).toEqual(['chat pending', 'chat pending']);
    await world.handle(world.event('/stop'));
    expect(world.statuses()).toEqual(['chat cancelled', 'chat cancelled']);
  });

  it('ends what is a guest’s own: not another guest’s, nor a task of others', async () => {
    const world = createChat();
    await world.receive('a', '', eve);
    await world.receive('b', 'other', ada);
    await world.handle(world.event('/stop', mallory), [world.guest]);
    expect(world.statuses()).toEqual(['chat pending', 'chat pending']);
    await world.handle(world.event('/stop', eve), [world.guest]);
    expect(world.statuses()).toEqual(['chat cancelled', 'chat pending']);
    await world.task(personBehind({ id: ada.id, role: 'member' }));
    await world.handle(world.event('/stop', eve), [world.guest]);
    expect(world.statuses().at(-1)).toBe('task pending');
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
    expect(world.said()[0]).toContain('a new conversation');
  });

  it('is for a guest where nobody else has spoken since the conversation began', async () => {
    const world = createChat();
    await world.receive('a', '', eve);
    await world.handle(world.event('/new', eve), [world.guest]);
    expect(world.statuses()).toEqual(['chat pending', 'system pending']);
    await world.receive('b', 'elsewhere', ada);
    await world.handle(world.event('/new', eve), [world.guest]);
    expect(world.said().at(-1)).toBe(
      'Other people are in this conversation, so only people who have been added can start a new one.',
    );
    expect(world.statuses()).toEqual(['chat pending', 'system pending', 'chat pending']);
    await world.handle(world.event('/new'), [world.wiring]);
    await world.handle(world.event('/new', eve), [world.guest]);
    expect(world.statuses().slice(3)).toEqual(['system pending', 'system pending']);
  });

  it.each([
    ['a task of which nobody knows whose it is', undefined],
    ['a task of others', personBehind({ id: 'fake:ada', role: 'owner' })],
  ])('is not for a guest whose conversation holds %s', async (_, behind) => {
    const world = createChat();
    await world.task(behind);
    await world.handle(world.event('/new', eve), [world.guest]);
    expect(world.statuses()).toEqual(['task pending']);
  });
});

describe('/again', () => {
  it('is not for a guest where others are in the conversation', async () => {
    const world = createChat();
    const container = createContainer(world.manager.paths(world.session));
    container.say('lost');
    world.channel.behave = ({ part }) =>
      part.type === 'text' && part.text === 'lost' ? channelError('permanent') : 'ok';
    await world.drain(world.session.id);
    world.channel.behave = () => 'ok';
    await world.receive('a', '', ada);
    await world.handle(world.event('/again', eve), [world.guest]);
    expect(world.said().slice(1)).toEqual([
      'Other people are in this conversation, so only people who have been added can use /again.',
    ]);
  });

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
    expect(world.said().at(-1)).toBe('As far as I know, everything has arrived here.');
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
    const mock = '\nThis is the mock agent: no AI model answers here.';
    expect(world.said()).toEqual([
      `Andy is ready.${mock}`,
      `Andy is working on 1 message.${mock}`,
      `Andy can't work right now. It has 1 message to answer when it can.${mock}`,
      `Andy is waiting for its turn (1 ahead of it), with 1 message to answer.${mock}`,
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
      "Waiting to be delivered here: 1.\nMay not have arrived here: 1. Send /again and I'll send it once more.",
    );
  });
});
