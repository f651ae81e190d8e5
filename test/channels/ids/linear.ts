import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import type { DeliverRequest } from '../../../src/channels/adapter.js';
import { createSdkLogger } from '../../../src/channels/chat-sdk/logger.js';
import { BridgedLinearAdapter } from '../../../src/channels/linear/adapter.js';
import { createLinearApi } from '../../../src/channels/linear/api.js';
import { systemClock } from '../../../src/clock.js';
import { silentLog } from '../../fakes/log.js';

const adapter = new BridgedLinearAdapter({
  api: createLinearApi({ login: { apiKey: 'x' }, apiUrl: '', clock: systemClock, onTokenRefused() {} }),
  clock: systemClock,
  webhookSecret: 'x',
  self: { id: 'x', name: 'x', displayName: 'x' },
  delivery: new AsyncLocalStorage<DeliverRequest>(),
  logger: createSdkLogger(silentLog),
});
const key = fc.stringMatching(/^[A-Z][A-Z0-9]{0,5}$/);

/** Teams are chats here, and not of the Chat SDK's adapter: the ids are those of ours over it. */
export const linearIds = {
  adapter,
  chats: fc.tuple(key, fc.integer({ min: 1 })).map(([team, number]) => ({
    given: [
      team,
      `linear:${team}`,
      team.toLowerCase(),
      `${team}-${number}`,
      `https://linear.app/acme/issue/${team}-${number}/a-title`,
      `https://linear.app/acme/team/${team}/active`,
    ],
    threadId: adapter.encodeThreadId({ issueId: `${team}-${number}` }),
  })),
};
