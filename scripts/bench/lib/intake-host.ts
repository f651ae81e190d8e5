import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { normalizePlatformId } from '../../../src/channels/catalog.js';
import { systemClock } from '../../../src/clock.js';
import { openCentralDb } from '../../../src/db/central.js';
import { createAttachmentStore } from '../../../src/files/attachments.js';
import { createPairings } from '../../../src/pairing.js';
import { createRegistration } from '../../../src/registration.js';
import { createRouter } from '../../../src/router.js';
import { createSessionManager } from '../../../src/session-manager.js';
import { createStageWatch } from '../../../src/stage-times.js';
import { createBenchAdapter } from './adapter.js';
import { wireChat } from './wire.js';

/** What takes messages in, on real files, and nobody to wake. */
export function createIntakeHost() {
  const home = mkdtempSync(path.join(tmpdir(), 'wb-in-'));
  const paths = { sessions: path.join(home, 'sessions'), groups: path.join(home, 'groups') };
  for (const folder of Object.values(paths)) mkdirSync(folder);
  const db = openCentralDb(path.join(home, 'v2.db'));
  const clock = systemClock;
  const log = pino({ level: 'info', base: null }, { write: () => {} });
  const sessions = createSessionManager({ ...{ db, paths, clock, log }, onStuck: () => {} });
  const registration = createRegistration({ db, clock, normalizePlatformId, assistantName: 'Andy' });
  const router = createRouter({
    ...{ db, clock, log, sessionManager: sessions },
    crashPoint: () => {},
    attachments: createAttachmentStore({ clock }),
    containerRunner: { wake: () => {} },
    commands: { handle: async () => false },
    questions: { take: async () => null },
    pairings: createPairings({ db, clock, registration }),
    stages: createStageWatch({ db, clock, log, sessions }),
    say: async () => {},
  });
  const { adapter } = createBenchAdapter();
  return {
    home,
    wire: (name: string) => wireChat({ db, clock }, sessions, { name, provider: 'mock' }),
    /** Resolves when it is durable. */
    take: (chat: string, thread = '') =>
      router.routeInbound(adapter.event(chat, 'A message of some length, as people write.', thread)),
    async close() {
      await router.close();
      await sessions.close();
      db.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
