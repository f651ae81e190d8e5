import { expect, it } from 'vitest';
import type { OutboundRead } from '../../../src/outbound-reader/types.js';
import { createWorld } from './world.js';

const coded = (code: string) => Object.assign(new Error(code), { code });

/** What a drain says of a file that reads like this, where recovering it ends like that. */
async function drainOf(reading: OutboundRead, recovery: Error | null = null): Promise<boolean> {
  const world = createWorld();
  const containers = {
    ...world.deps.containers,
    async recover() {
      if (recovery) throw recovery;
    },
  };
  await world.restart({ containers, reader: { read: async () => reading } });
  const drained = world.delivery().drain(world.session.id);
  await world.pass(5000, 100);
  return drained;
}

it.each<[string, OutboundRead, Error | null]>([
  ['waits for a recovery and the engine is down', { kind: 'recover' }, coded('engine-unreachable')],
  ['is locked', { kind: 'busy' }, null],
  ['has no reader just now', { kind: 'away' }, null],
])('a file that %s may hold more', async (_, reading, recovery) => {
  expect(await drainOf(reading, recovery)).toBe(false);
});

it.each<[string, OutboundRead, Error | null]>([
  ['is read to its end', { kind: 'rows', rows: [], acks: [], more: false }, null],
  ['is not what we made', { kind: 'bad', code: 'outbound-schema', message: 'It was changed.' }, null],
  ['cannot be recovered', { kind: 'recover' }, coded('recover-failed')],
  ['is not recovered by recovering it', { kind: 'recover' }, null],
])('a file that %s is done with', async (_, reading, recovery) => {
  expect(await drainOf(reading, recovery)).toBe(true);
});

it('says that more is left where more waits to be sent than is kept in memory', async () => {
  const world = createWorld();
  world.channel.behave = () => 'hang';
  for (let n = 0; n < 700; n += 1) world.container.say(`t${n}`);
  expect(await world.delivery().drain(world.session.id)).toBe(false);
});
