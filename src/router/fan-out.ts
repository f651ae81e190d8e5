import { findByPlatformMessage, insertMessage, trimContext } from '../db/messages-in.js';
import { shortHash } from '../ids.js';
import { addressOf, messageRow, withoutFiles } from './message.js';
import type { EngagedWiring, Intake, RouterDeps } from './types.js';

export interface Target {
  wiring: EngagedWiring;
  /** 1 wakes the agent, 0 rides along with the next turn. */
  trigger: 0 | 1;
}

export interface Delivered {
  sessionId: string;
  trigger: 0 | 1;
  /** False: the session had this message already. */
  inserted: boolean;
}

export interface FanOutResult {
  delivered: Delivered[];
  failures: { target: Target; error: unknown }[];
}

/** Newest rows of silent context that a chat keeps in a session. */
const MAX_CONTEXT = 50;

/** Brings one event to its wirings, each on its own: one that fails stops no other. Resolves when all are settled. */
export async function fanOut(
  deps: RouterDeps,
  intake: Intake,
  targets: readonly Target[],
): Promise<FanOutResult> {
  const result: FanOutResult = { delivered: [], failures: [] };
  const writes: Promise<void>[] = [];
  for (const target of targets) {
    const fail = (error: unknown) => void result.failures.push({ target, error });
    try {
      // Files one after the other: an attachment can be opened once, the second session gets a copy.
      const write = await prepare(deps, intake, target);
      writes.push(write().then((delivered) => void result.delivered.push(delivered), fail));
    } catch (error) {
      fail(error);
    }
  }
  await Promise.all(writes);
  return result;
}

/** Finds the session and keeps the files; what it returns writes the row, after which the message is accepted. */
async function prepare(deps: RouterDeps, intake: Intake, target: Target): Promise<() => Promise<Delivered>> {
  const { sessionManager, clock } = deps;
  const { event } = intake;
  const { agentGroup, messagingGroup, wiring } = target.wiring;
  const { threadId } = event;
  const mode = wiring.sessionMode;
  const session = sessionManager.resolve({ agentGroup, messagingGroup, threadId, mode });
  const result = { sessionId: session.id, trigger: target.trigger };
  const known = sessionManager.read(session.id, (db) => findByPlatformMessage(db, event, event.messageId));
  if (known) return () => confirm(deps, intake, result);
  const kept =
    target.trigger === 0
      ? withoutFiles(event)
      : await deps.attachments.save(
          sessionManager.paths(session).filesIn,
          fileKey(intake),
          event.attachments,
        );
  return async () => {
    if (target.trigger === 1) await sessionManager.refreshRouting(session.id, addressOf(event));
    const now = clock.now();
    const row = messageRow(intake, target, kept, now);
    deps.crashPoint('intake:before-commit');
    const { inserted, id } = await sessionManager.write(
      session.id,
      (db) => {
        const added = insertMessage(db, row);
        if (target.trigger === 0) trimContext(db, event, MAX_CONTEXT);
        return added;
      },
      target.trigger === 1 ? { dueAt: now } : {},
    );
    deps.crashPoint('intake:after-commit');
    if (target.trigger === 1) {
      const received = intake.receivedAt;
      if (inserted) deps.stages.committed(id, { received, committed: clock.now() });
      deps.containerRunner.wake(session.id);
    }
    return { ...result, inserted };
  };
}

/** A message that is there already counts as taken in only once that is committed: a read may see what waits for it. */
async function confirm(
  deps: RouterDeps,
  { event }: Intake,
  result: Pick<Delivered, 'sessionId' | 'trigger'>,
): Promise<Delivered> {
  await deps.sessionManager.write(result.sessionId, (db) => {
    if (findByPlatformMessage(db, event, event.messageId)) return;
    throw new Error('the message was not committed after all');
  });
  return { ...result, inserted: false };
}

/** A folder name for the message's files: ids of platforms are data, not names. */
function fileKey(intake: Intake): string {
  const { channelType, platformId, messageId } = intake.event;
  return shortHash(JSON.stringify([channelType, platformId, messageId]), 20);
}
