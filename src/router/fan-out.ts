import { addressOf } from '../address.js';
import { findByPlatformMessage, insertMessage, trimContext } from '../db/inbound/messages-in.js';
import { albumWaitsUntil } from '../db/inbound/said.js';
import { ALBUM_MS, asLatePart, findOpenAlbum, joinAlbum } from './album.js';
import { prepareChange } from './change.js';
import { keepParts, keepSilent } from './keep.js';
import { isChange, MAX_CONTEXT, messageRow } from './message.js';
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
  if (isChange(event)) return prepareChange(deps, event, intake, target, session.id);
  const filesIn = sessionManager.paths(session).filesIn;
  const open = sessionManager.read(session.id, (db) => findOpenAlbum(db, event, clock.now()));
  const trigger = open?.row.trigger === 1 ? 1 : target.trigger;
  const kept =
    trigger === 0 ? keepSilent(intake) : await keepParts(deps, intake, { id: session.id, filesIn });
  return async () => {
    if (trigger === 1) await sessionManager.refreshRouting(session.id, addressOf(event));
    const now = clock.now();
    const row = messageRow(intake, { ...target, trigger }, kept, now);
    deps.crashPoint('intake:before-commit');
    const due = event.album === undefined ? now : now + ALBUM_MS;
    const { inserted, id, dueAt } = await sessionManager.write(
      session.id,
      (db) => {
        const joined = joinAlbum(db, event, kept, { now, trigger });
        if (joined) return { ...joined, dueAt: due };
        const waits = albumWaitsUntil(db, event, now);
        const processAfter = event.album === undefined ? waits : due;
        const added = insertMessage(db, { ...asLatePart(db, event, row), processAfter });
        if (trigger === 0) trimContext(db, event, MAX_CONTEXT);
        return { ...added, dueAt: processAfter ?? now };
      },
      trigger === 1 ? { dueAt: due } : {},
    );
    deps.crashPoint('intake:after-commit');
    if (trigger === 1) {
      const received = intake.receivedAt;
      if (inserted) deps.stages.committed(id, { received, committed: clock.now() });
      // What is due later is seen to by the sweep's timer.
      if (dueAt <= now) deps.containerRunner.wake(session.id);
    }
    return { ...result, trigger, inserted };
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
