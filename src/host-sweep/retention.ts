import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { expireHeld } from '../db/central/held-messages.js';
import {
  dropOldDeliveries,
  filesInUse,
  hasOldDeliveries,
  markRetained,
  sessionsToRetain,
} from '../db/retention.js';
import { codeOf, reasonOf } from '../errors.js';
import { plantedIn } from '../files/planted.js';
import type { HostSweepDeps } from './deps.js';

const DAY_MS = 86_400_000;
/** Each session has its turn once a day; so many at a time. */
const EVERY_MS = DAY_MS;
const AT_ONCE = 10;
const FILES_KEPT_MS = 30 * DAY_MS;
const DELIVERIES_KEPT_MS = 90 * DAY_MS;
const MOST_FOLDERS = 200;
/** Of what is named in the log once. */
const MOST_KNOWN = 1000;

/**
 * Lets go of what is old: messages held for chats that nobody registered, attachments of settled messages (30 days),
 * settled deliveries and notices (90 days). Names what agents made in their folders that a person's programs would obey,
 * once. A few sessions at rest at a time, each once a day. Never rejects.
 */
export function createRetention(
  deps: Pick<HostSweepDeps, 'clock' | 'log' | 'central' | 'sessions'>,
): () => Promise<void> {
  const { clock, log, central, sessions } = deps;
  let running = false;

  async function dropFiles(sessionId: string): Promise<number> {
    const session = sessions.get(sessionId);
    if (!session) return 0;
    const { filesIn } = sessions.paths(session);
    const names = await readdir(filesIn).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    const before = clock.now() - FILES_KEPT_MS;
    let dropped = 0;
    for (const name of names) {
      const folder = path.join(filesIn, name);
      if (dropped >= MOST_FOLDERS || (await stat(folder)).mtimeMs >= before) continue;
      // Asked anew for each: a message may be on its way back.
      const used = sessions.read(sessionId, filesInUse);
      if (used.some((file) => path.basename(path.dirname(file)) === name)) continue;
      await rm(folder, { recursive: true, force: true });
      dropped += 1;
    }
    return dropped;
  }

  async function retain(sessionId: string): Promise<void> {
    const before = clock.now() - DELIVERIES_KEPT_MS;
    if (sessions.read(sessionId, (db) => hasOldDeliveries(db, before))) {
      await sessions.write(sessionId, (db) => dropOldDeliveries(db, before));
    }
    const files = await dropFiles(sessionId);
    if (files > 0) log.info({ session: sessionId, folders: files }, 'old attachments removed');
    await namePlanted(sessionId);
  }

  const known = new Set<string>();
  async function namePlanted(sessionId: string): Promise<void> {
    const session = sessions.get(sessionId);
    if (!session) return;
    const { group } = sessions.paths(session);
    for (const path of await plantedIn(group)) {
      const file = `${group}/${path}`;
      if (known.has(file) || known.size >= MOST_KNOWN) continue;
      known.add(file);
      log.warn({ session: sessionId, file }, 'an agent made what git or Claude Code would take orders from');
    }
  }

  async function pass(): Promise<void> {
    expireHeld(central, clock.now());
    for (const sessionId of sessionsToRetain(central, clock.now() - EVERY_MS, AT_ONCE)) {
      // Before the work: one that cannot be used takes its turn and nobody else's.
      markRetained(central, sessionId, clock.now());
      await retain(sessionId).catch((error: unknown) => {
        log.warn({ session: sessionId, reason: reasonOf(error) }, 'old rows and files not removed');
      });
    }
  }

  return async () => {
    if (running) return;
    running = true;
    await pass().catch((error: unknown) => log.warn({ reason: reasonOf(error) }, 'retention not done'));
    running = false;
  };
}
