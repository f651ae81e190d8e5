import { threadKey } from './address.js';
import { createKeyedQueue } from './async/keyed-queue.js';
import type { InboundEvent } from './channels/adapter.js';
import { sleep } from './clock.js';
import { currentId } from './db/central/chat-moves.js';
import { countDropped } from './db/central/dropped-messages.js';
import { findHeld, type HeldMessage } from './db/central/held-messages.js';
import { findMessagingGroup, updateMessagingGroup } from './db/central/messaging-groups.js';
import { listWiredAgents } from './db/central/wirings.js';
import type { MessagingGroup } from './db/types.js';
import { reasonOf } from './errors.js';
import { createBotGuard } from './router/bot-guard.js';
import { createCursorKeeper } from './router/cursor.js';
import { createCursorStore } from './router/cursor-store.js';
import { orGiveUp } from './router/given-up.js';
import { changeWhatWaits, decodeHeld } from './router/held-event.js';
import { createPatience } from './router/patience.js';
import { createRecentEvents } from './router/recent.js';
import { createReplay } from './router/replay.js';
import { type Intake, type RouteOutcome, type RouterDeps, RouterError } from './router/types.js';
import { routeUnwired } from './router/unwired.js';
import { routeWired } from './router/wired.js';
import { fixFor, sentences } from './voice/index.js';

export { type CommandHandler, type EngagedWiring, type RouteOutcome, RouterError } from './router/types.js';

export interface Router {
  /**
   * Takes a platform's event in (docs/architecture.md#the-way-of-a-message, steps 1 to 6). Resolves once it is durable in every session that is
   * to hear it, or was dropped for a recorded reason: only then may the platform be told. Rejects with a RouterError
   * when it must be delivered again. Events of one chat and thread keep their order.
   */
  routeInbound(event: InboundEvent): Promise<RouteOutcome>;
  /** Takes in anew what was set aside, as it was kept. Resolves also where it fails again. */
  retake(kept: Omit<HeldMessage, 'id' | 'createdAt'>): Promise<RouteOutcome>;
  /** Takes in the held messages of chats that were wired since; resolves with how many. */
  replayHeld(): Promise<number>;
  /** The same, waited for so many milliseconds at most. */
  replayHeldFor(ms: number): Promise<void>;
  /** Refuses what comes from now on (it is redelivered) and resolves when what is on its way is settled, in 10 s at most. */
  close(): Promise<void>;
}

const RECENT = 2_000;
/** In the place of the id of a held message: it was set aside, and is kept elsewhere. */
const SET_ASIDE = 'set aside';
/** A file may take minutes to arrive. */
const LONGEST_CLOSE_MS = 10_000;

export function createRouter(deps: RouterDeps): Router {
  const { db, clock, log } = deps;
  const lanes = createKeyedQueue();
  const recent = createRecentEvents(RECENT);
  const cursors = createCursorKeeper();
  const cursorStore = createCursorStore(deps);
  const parts = {
    deps,
    bots: createBotGuard(clock),
    patience: createPatience(clock),
  };
  const replay = createReplay({ db, clock, log, take: enqueue });
  let closed = false;

  function enqueue(intake: Intake): Promise<RouteOutcome> {
    if (closed) {
      const fix = 'The message is taken in after the next start.';
      return Promise.reject(new RouterError('host-stopping', 'The host is stopping.', fix));
    }
    const { channelType, platformId } = intake.event;
    const event = { ...intake.event, platformId: currentId(db, channelType, platformId) };
    return lanes.run(threadKey(event), () => takeAndReplay({ ...intake, event }));
  }

  async function take(told: Intake): Promise<RouteOutcome> {
    const intake = asItIsNow(told);
    if (intake === null) return { kind: 'dropped', reason: 'unchanged' };
    const { event } = intake;
    if (event.kind === 'service') {
      countDropped(db, event, 'service', clock.now());
      return { kind: 'dropped', reason: 'service' };
    }
    const chat = findMessagingGroup(db, event.channelType, event.platformId);
    const { usable, bad } = chat ? listWiredAgents(db, chat.id) : { usable: [], bad: [] };
    if (!chat || usable.length + bad.length === 0) {
      return orGiveUp(deps, intake, () => routeUnwired(deps, event));
    }
    if (recent.has(event)) return { kind: 'duplicate' };
    // It may wait for one agent while the others have it.
    changeWhatWaits(db, event);
    for (const problem of bad) {
      log.error({ chat: event.platformId, code: problem.code, fix: problem.fix }, problem.message);
      countDropped(db, event, 'bad-wiring', clock.now());
      const fix = fixFor(event, problem.fix);
      deps.voice.trouble(event, 'bad-wiring', sentences.intake.badWiring({ fix }));
    }
    const outcome = await settle(intake, chat, async () =>
      usable.length === 0
        ? { kind: 'dropped', reason: 'bad-wiring' }
        : routeWired(parts, intake, chat, usable),
    );
    // What is held, or set aside, comes again from where it is kept.
    const kept = outcome.kind === 'held' || (outcome.kind === 'dropped' && outcome.reason === 'set-aside');
    if (!kept) recent.add(event);
    return outcome;
  }

  /** A held message may have been edited since it was read, or deleted (null). */
  function asItIsNow(intake: Intake): Intake | null {
    if (intake.held === undefined || intake.held === SET_ASIDE) return intake;
    const held = findHeld(db, intake.held);
    return held && { ...decodeHeld(held), receivedAt: intake.receivedAt };
  }

  /** What waited in a chat that was just paired is taken in behind the message that paired it. */
  async function takeAndReplay(intake: Intake): Promise<RouteOutcome> {
    const outcome = await take(intake);
    if (outcome.kind === 'held') replay.later();
    if (outcome.kind === 'paired') {
      replay
        .run()
        .catch((error: unknown) => log.warn({ reason: reasonOf(error) }, 'held messages stay held'));
    }
    return outcome;
  }

  /** Moves the gap-fill cursor once the whole fan-out is through, and keeps it back when it is not. */
  async function settle(
    intake: Intake,
    chat: MessagingGroup,
    route: () => Promise<RouteOutcome>,
  ): Promise<RouteOutcome> {
    const { event } = intake;
    // Reactions and clicks have ids of their own, from which no history can be read.
    const guarded = () => orGiveUp(deps, intake, route);
    if (event.kind !== 'message') return guarded();
    if (event.isGroup !== chat.isGroup) updateMessagingGroup(db, { ...chat, isGroup: event.isGroup });
    cursors.begin(chat.id, { messageId: event.messageId, at: event.at });
    try {
      const outcome = await guarded();
      const point = cursors.done(chat.id, event.messageId);
      if (point) cursorStore.advance(chat.id, point);
      return outcome;
    } catch (error) {
      cursors.failed(chat.id, event.messageId);
      throw error;
    }
  }

  return {
    routeInbound(told) {
      if (told.sender.self) return Promise.resolve({ kind: 'dropped', reason: 'own' });
      return enqueue({ event: told, problems: told.problems ?? [], receivedAt: clock.now() });
    },
    async retake(kept) {
      const message = { ...kept, id: SET_ASIDE, createdAt: 0 };
      return enqueue({ ...decodeHeld(message), receivedAt: clock.now() });
    },
    replayHeld: replay.run,
    replayHeldFor: replay.runFor,
    async close() {
      closed = true;
      replay.close();
      await Promise.race([lanes.idle(), sleep(clock, LONGEST_CLOSE_MS)]);
      cursorStore.flush();
    },
  };
}
