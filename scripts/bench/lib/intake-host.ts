import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { normalizePlatformId } from '../../../src/channels/catalog/index.js';
import { systemClock } from '../../../src/clock.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { createAttachmentStore } from '../../../src/files/attachments.js';
import { createStageWatch } from '../../../src/metrics/index.js';
import { createPairings } from '../../../src/people/pairing.js';
import { createRegistration } from '../../../src/people/registration/index.js';
import { createRouter } from '../../../src/router.js';
import { createSessionManager } from '../../../src/session-manager.js';
import { createBenchAdapter } from './adapter.js';
import { wireChat } from './wire.js';

/** What takes messages in, on real files, and nobody to wake. */
export function createIntakeHost() {
  const home = mkdtempSync(path.join(tmpdir(), 'wb-in-'));
  const at = (name: string) => path.join(home, name);
  const paths = { sessions: at('sessions'), groups: at('groups'), agentFolders: at('agents') };
  for (const folder of Object.values(paths)) mkdirSync(folder);
  const db = openCentralDb(path.join(home, 'v2.db'));
  const clock = systemClock;
  const log = pino({ level: 'info', base: null }, { write: () => {} });
  const sessions = createSessionManager({ ...{ db, paths, clock, log }, onStuck: () => {} });
  const registration = createRegistration({ db, clock, normalizePlatformId, assistantName: 'Andy' });
  const router = createRouter({
    ...{ db, clock, log, sessionManager: sessions },
    quarantine: { failed: () => 'set-aside', through: () => {} },
    crashPoint: () => {},
    attachments: createAttachmentStore({ clock }),
    containerRunner: { wake: () => {}, isUp: () => false },
    commands: { handle: async () => false },
    asks: { take: async () => null },
    pairings: createPairings({ db, clock, registration }),
    stages: createStageWatch({ db, clock, log, sessions }),
    voice: { now: () => {}, trouble: () => {}, refused: () => false },
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
