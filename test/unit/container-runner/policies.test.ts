import { expect, it } from 'vitest';
import { getAgentGroup, updateAgentGroup } from '../../../src/db/central/agent-groups.js';
import { createWorld, settle } from './world.js';

it('a policy that a step has changed is put in force at the doors that are open, once, and at no others', async () => {
  const world = createWorld({ provider: 'claude' });
  const [id, idle] = [world.add(), world.add()];
  await world.say(id);
  world.runner.wake(id);
  await settle();
  const opened = () => world.calls.filter((call) => call.startsWith('open'));
  expect(opened()).toEqual([`open ${id}`]);
  await world.runner.takeUpPolicies();
  expect(opened()).toEqual([`open ${id}`]);
  for (const session of [id, idle]) {
    const group = getAgentGroup(world.central, world.sessions.get(session)?.agentGroupId ?? '');
    if (!group) throw new Error('no group');
    const containerConfig = { ...group.containerConfig, egress: ['example.com'] };
    updateAgentGroup(world.central, { ...group, containerConfig });
  }
  await world.runner.takeUpPolicies();
  await world.runner.takeUpPolicies();
  expect(opened()).toEqual([`open ${id}`, `open ${id}`]);
  await world.answer(id);
  await world.runner.stop(id, 'idle');
  await settle();
  await world.runner.takeUpPolicies();
  expect(opened()).toHaveLength(2);
});
