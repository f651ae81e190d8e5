import { pino } from 'pino';
import { expect, it } from 'vitest';
import { failMessages, insertMessage } from '../../../src/db/inbound/messages-in.js';
import { createTyping } from '../../../src/host/typing.js';
import { createFakeChannel } from '../../fakes/chat-channel.js';
import { createMemoryLog } from '../../fakes/log.js';
import { chat, workspace } from '../session-manager/workspace.js';

it('shows typing while a message is open and its container runs, and then no more', async () => {
  const { manager, resolve, clock } = workspace();
  const { id: sessionId } = resolve();
  const taken = await manager.write(sessionId, (db) => insertMessage(db, chat('m-1')));
  const shown: string[] = [];
  const { adapter } = createFakeChannel({ clock });
  const channel = {
    ...adapter,
    setTyping: async (to: { platformId: string }) => void shown.push(to.platformId),
  };
  const up = { sessionId, incarnation: 1, activeAt: 0, rangAt: 0 };
  const running = [up];
  const typing = createTyping({
    ...{ clock, log: pino({ level: 'silent' }), sessions: manager },
    runner: { running: () => running },
    channels: { get: () => channel },
  });

  typing.start();
  expect(shown).toEqual(['cli:local']);
  await clock.advance(8000);
  expect(shown).toHaveLength(3);

  running.pop();
  await clock.advance(8000);
  expect(shown).toHaveLength(3);

  running.push(up);
  await manager.write(sessionId, (db) => failMessages(db, [taken.id]));
  await clock.advance(8000);
  expect(shown).toHaveLength(3);
  typing.stop();
});

it('ends nothing when a channel cannot show it', async () => {
  const { manager, resolve, clock } = workspace();
  const { id: sessionId } = resolve();
  await manager.write(sessionId, (db) => insertMessage(db, chat('m-1')));
  const { adapter } = createFakeChannel({ clock });
  const { log, lines } = createMemoryLog('debug');
  const typing = createTyping({
    ...{ clock, log, sessions: manager, runner: { running: () => [] } },
    channels: { get: () => ({ ...adapter, setTyping: () => Promise.reject(new Error('no such thread')) }) },
  });
  typing.show(sessionId);
  await new Promise((resolve) => setImmediate(resolve));
  expect(lines).toMatchObject([{ reason: 'no such thread', msg: 'typing not shown' }]);
});
