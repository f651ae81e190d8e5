import type { ThreadRoot } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import { findByPlatformMessage } from '../db/inbound/messages-in.js';
import { hasMetThread } from '../db/inbound/said.js';
import { reasonOf } from '../errors.js';
import { shortHash } from '../ids.js';
import { type KeptParts, withoutFiles } from './message.js';
import type { Intake, RouterDeps } from './types.js';

/** What fetches a thread's beginning has limits of its own; this one is for what has none. */
const LONGEST_FETCH_MS = 15_000;

const nothing = () => ({ stored: [], problems: [] });

/** What belongs to a message that is heard silently: nothing is fetched. */
export function keepSilent({ event }: Intake): KeptParts {
  return { own: withoutFiles(event.attachments), quoted: nothing(), root: null, problems: [] };
}

/** Fetches what belongs to a message that wakes the agent of this session. */
export async function keepParts(
  deps: RouterDeps,
  intake: Intake,
  session: { id: string; filesIn: string },
): Promise<KeptParts> {
  const { event } = intake;
  const problems: string[] = [];
  const save = (suffix: string, files: typeof event.attachments) =>
    files.length === 0 ? nothing() : deps.attachments.save(session.filesIn, fileKey(intake) + suffix, files);
  const own = await save('', event.attachments);
  const quoted = await save('-quoted', event.quoted?.files ?? []);
  const thread = await rootOf(deps, intake, session.id, problems);
  const root = thread ? { thread, kept: await save('-root', thread.files) } : null;
  return { own, quoted, root, problems };
}

/** What the thread began with, where this conversation meets it for the first time. */
async function rootOf(
  deps: RouterDeps,
  { event }: Intake,
  sessionId: string,
  problems: string[],
): Promise<ThreadRoot | null> {
  if (!event.root || deps.sessionManager.read(sessionId, (db) => hasMetThread(db, event))) return null;
  try {
    const thread = await inTime(deps.clock, event.root());
    const id = thread?.messageId ?? null;
    const isKnown =
      id !== null &&
      deps.sessionManager.read(sessionId, (db) => findByPlatformMessage(db, event, id) !== undefined);
    return isKnown ? null : thread;
  } catch (error) {
    const reason = reasonOf(error);
    deps.log.warn(
      { chat: event.platformId, message: event.messageId, reason },
      'start of the thread not fetched',
    );
    problems.push('What this thread began with could not be fetched.');
    return null;
  }
}

function inTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`it took longer than ${LONGEST_FETCH_MS / 1000} s`));
    const timer = clock.after(LONGEST_FETCH_MS, late);
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** A folder name for the message's files: ids of platforms are data, not names. */
function fileKey({ event }: Intake): string {
  const { channelType, platformId, messageId } = event;
  return shortHash(JSON.stringify([channelType, platformId, messageId]), 20);
}
