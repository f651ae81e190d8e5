import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDestinations, readRoute } from '../../../src/db/inbound/destinations.js';
import { nameDestinations } from '../../../src/session-manager/routing.js';
import { cli, wire, workspace } from './workspace.js';

test('the file says where replies go and which chats there are, and is written only where that differs', async () => {
  const { db, resolve, manager } = workspace();
  const session = resolve();
  const { inboundDb } = manager.paths(session);
  const counter = () => execFileSync('dd', [`if=${inboundDb}`, 'bs=1', 'skip=24', 'count=4', 'status=none']);
  const stored = () => manager.read(session.id, (file) => [readRoute(file), readDestinations(file)]);
  await manager.refreshRouting(session.id, cli);
  const here = { name: 'Terminal', channelType: 'cli', platformId: 'cli:local' };
  expect(stored()).toEqual([cli, [here]]);
  const before = counter();
  await manager.refreshRouting(session.id, { ...cli });
  expect(counter()).toEqual(before);
  wire(db, { id: 'mg_2', name: 'Family', channelType: 'telegram', platformId: 'telegram:-1' });
  await manager.refreshRouting(session.id, cli);
  const family = { name: 'Family', channelType: 'telegram', platformId: 'telegram:-1' };
  expect(stored()).toEqual([cli, [family, here]]);
  const thread = { ...cli, threadId: 't7' };
  await manager.refreshRouting(session.id, thread);
  expect(stored()).toEqual([thread, [family, here]]);
  db.prepare("DELETE FROM messaging_group_agents WHERE messaging_group_id = 'mg_2'").run();
  await manager.refreshRouting(session.id, thread);
  expect(stored()).toEqual([thread, [here]]);
});

test('chats of one name are told apart', () => {
  const chats = [
    { name: 'Family', channelType: 'telegram', platformId: 'telegram:1' },
    { name: ' Family ', channelType: 'slack', platformId: 'slack:C1' },
    { name: 'Family', channelType: 'slack', platformId: 'slack:C2' },
    { name: '', channelType: 'slack', platformId: 'slack:C3' },
  ];
  expect(nameDestinations(chats).map((chat) => [chat.platformId, chat.name])).toEqual([
    ['telegram:1', 'Family'],
    ['slack:C1', 'Family (slack)'],
    ['slack:C2', 'Family (slack:C2)'],
    ['slack:C3', 'slack:C3'],
  ]);
});

test('names are unique, whatever the chats are called', () => {
  const name = fc.constantFrom('A', 'A (slack)', 'A (slack:1)', 'slack:1', 'slack:2', '');
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), (names) => {
      const chats = names.map((each, index) => ({
        name: each,
        channelType: 'slack',
        platformId: `slack:${index}`,
      }));
      const given = nameDestinations(chats).map((chat) => chat.name);
      expect(new Set(given).size).toBe(names.length);
    }),
  );
});
