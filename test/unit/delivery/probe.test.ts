import { expect, test } from 'vitest';
import { channelError, createWorld } from './world.js';

const dead = "I couldn't deliver a message here. Send /again and I'll try once more.";

test.each([
  ['told by a key', { idempotency: true }],
  ['told by the history', { history: true }],
  ['told by nothing', {}],
])('a notice that tries the channel is said once, whoever reads meanwhile (%s)', async (_, capabilities) => {
  const world = createWorld({ capabilities });
  const { sessions } = world.deps;
  // A ring comes just as what became of the notice is being written.
  const write: typeof sessions.write = (sessionId, change, options) => {
    if (world.channel.arrived.length > 0) void world.delivery().drain(sessionId);
    return sessions.write(sessionId, change, options);
  };
  await world.restart({ sessions: { ...sessions, write } });
  world.channel.forgetsKeys = true;
  world.channel.behave = ({ part }) =>
    part.type === 'text' && part.text === dead ? 'ok' : channelError('transient');
  world.container.say('poison');
  await world.drain();
  await world.pass(20 * 60_000, 5000);
  expect(world.said()).toEqual([dead]);
  expect(world.ledger().map(({ state }) => state)).toEqual(['dead', 'sent']);
});
