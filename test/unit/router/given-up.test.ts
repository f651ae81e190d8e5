import { expect, it } from 'vitest';
import { listDropped } from '../../../src/db/central/dropped-messages.js';
import { listCursors } from '../../../src/db/central/messaging-groups.js';
import { listSetAside } from '../../../src/db/central/set-aside.js';
import { RouterError } from '../../../src/router.js';
import { createHarness, message } from './harness.js';

/** A router that fails at what says so. */
function failing(error: () => Error) {
  const h = createHarness({
    asks: {
      async take(event) {
        if (event.text.includes('poison')) throw error();
        return null;
      },
    },
  });
  h.register();
  return h;
}
const ownFault = () => new TypeError('Cannot read properties of undefined');

it('sets a message aside that makes the router fail three times, and moves on behind it', async () => {
  const h = failing(ownFault);
  const poison = message('@Andy poison');
  for (const _ of [1, 2]) {
    await expect(h.router.routeInbound(poison)).rejects.toMatchObject({ code: 'intake-failed' });
  }
  expect(await h.router.routeInbound(poison)).toEqual({ kind: 'dropped', reason: 'set-aside' });
  expect(listSetAside(h.db)).toMatchObject([
    { platformMessageId: poison.messageId, stage: 'event', failures: 3, senderId: poison.sender.id },
  ]);
  expect(listDropped(h.db, 0).map((one) => one.reason)).toContain('set-aside');
  const after = message('@Andy hello', { at: poison.at + 1 });
  expect(await h.router.routeInbound(after)).toMatchObject({ kind: 'routed' });
  await h.router.close();
  expect(listCursors(h.db, after.channelType)[0]?.lastMessageId).toBe(after.messageId);
});

it('takes it in anew, as it was kept, once it no longer fails', async () => {
  let broken = true;
  const h = createHarness({
    asks: {
      async take() {
        if (broken) throw ownFault();
        return null;
      },
    },
  });
  h.register();
  const poison = message('@Andy poison');
  for (const _ of [1, 2, 3]) await h.router.routeInbound(poison).catch(() => {});
  const [kept] = listSetAside(h.db);
  broken = false;
  const { channelType, platformId, messageId: platformMessageId } = poison;
  const given = { channelType, platformId, platformMessageId, event: kept?.packet ?? '' };
  expect(await h.router.retake(given)).toMatchObject({ kind: 'routed' });
  expect(listSetAside(h.db)).toEqual([]);
});

it('sets nothing aside for what can pass, however often it fails', async () => {
  const errors = [
    Object.assign(new Error('full'), { code: 'ENOSPC' }),
    Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' }),
    new RouterError('intake-failed', 'Not now.', 'Later.'),
  ];
  for (const error of errors) {
    const h = failing(() => error);
    const poison = message('@Andy poison');
    for (const _ of [1, 2, 3, 4]) {
      await expect(h.router.routeInbound(poison)).rejects.toThrow();
    }
    expect(listSetAside(h.db)).toEqual([]);
  }
});
