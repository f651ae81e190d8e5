import type { InboundEvent } from '../channels/adapter.js';
import { countDropped, type DropReason } from '../db/central/dropped-messages.js';
import { membershipsOf } from '../db/central/users.js';
import type { WiredAgent } from '../db/central/wirings.js';
import type { MessagingGroup } from '../db/types.js';
import { engage } from '../engage.js';
import { sentences } from '../voice/index.js';
import { findOpenAlbum } from './album.js';
import { conversationOf, settleFailures } from './failures.js';
import { fanOut, type Target } from './fan-out.js';
import { isChange } from './message.js';
import { ownWork } from './own-work.js';
import { tryPairing } from './pair.js';
import type { RouterParts } from './parts.js';
import { type Admission, admit } from './people.js';
import type { EngagedWiring, Intake, RouteOutcome, RouterDeps } from './types.js';

/** A chat that agents serve: who may speak, who is woken, and the fan-out to them. */
export async function routeWired(
  parts: RouterParts,
  intake: Intake,
  chat: MessagingGroup,
  agents: readonly WiredAgent[],
): Promise<RouteOutcome> {
  const { deps, bots } = parts;
  const { event } = intake;
  const admission = admit(chat, agents, membershipsOf(deps.db, event.sender.id));
  const paired = pairAgain(parts, event, admission);
  if (paired) return paired;
  if (event.kind === 'deleted') {
    // Whoever may delete a message there takes nothing but that message away; some platforms do not tell who it was.
    const all = agents.map((agent) => ({ ...agent, messagingGroup: chat, role: 'guest' as const }));
    return deliver(parts, intake, whoHearsOf(parts, event, all));
  }
  if (admission.admitted.length === 0) return refuse(parts, intake, chat, admission);
  if (!event.sender.isBot) bots.person(chat.id);
  const hearing = admission.admitted.filter((one) => !event.sender.isBot || one.wiring.triggerRules.bots);
  if (hearing.length === 0) return drop(deps, intake, 'bot-ignored');
  if (isChange(event)) return deliver(parts, intake, whoHearsOf(parts, event, hearing));
  // Before anybody is woken: an answer need not mention the one who asked.
  const taken = await ownWork(parts, intake, 'answer', () => deps.asks.take(event, hearing));
  if (taken?.kind === 'refused') {
    deps.voice.refused(event, event.sender.id, taken.text);
    return drop(deps, intake, 'refused-sender');
  }
  if (taken) return taken;
  const joining = joinsAlbum(parts.deps, event, hearing);
  const { engaged, context } = joining ?? whoHears(parts, intake, chat, hearing);
  if (event.kind === 'message' && engaged.length > 0 && !event.sender.isBot) {
    const handled = await ownWork(parts, intake, 'command', () => deps.commands.handle(event, engaged));
    if (handled === null) return { kind: 'dropped', reason: 'session-stuck' };
    if (handled) return { kind: 'command' };
  }
  if (engaged.length + context.length === 0) return drop(deps, intake, 'not-engaged');
  const targets: Target[] = [
    ...engaged.map((wiring): Target => ({ wiring, trigger: 1 })),
    ...context.map((wiring): Target => ({ wiring, trigger: 0 })),
  ];
  return deliver(parts, intake, targets);
}

function whoHears(
  parts: RouterParts,
  intake: Intake,
  chat: MessagingGroup,
  hearing: readonly EngagedWiring[],
): { engaged: EngagedWiring[]; context: EngagedWiring[] } {
  const { deps, bots } = parts;
  const { event } = intake;
  const { engaged, context } = engage(hearing, event, (one) => one.wiring.triggerRules);
  if (!event.sender.isBot) return { engaged, context };
  const allowed = engaged.filter((one) => bots.allow(chat.id, one.wiring.id));
  const looping = engaged.filter((one) => !allowed.includes(one));
  if (looping.length > 0) {
    countDropped(deps.db, event, 'bot-loop', deps.clock.now());
    deps.log.warn(
      { chat: event.platformId, sender: event.sender.id },
      'bots talk to each other: not answered',
    );
  }
  const silent = looping.filter((one) => one.wiring.triggerRules.whenIgnored === 'context');
  return { engaged: allowed, context: [...context, ...silent] };
}

/** A part of an album goes where its first part went, whatever it says by itself. Null: it is no such part. */
function joinsAlbum(
  { sessionManager, clock }: RouterDeps,
  event: InboundEvent,
  hearing: readonly EngagedWiring[],
): { engaged: EngagedWiring[]; context: EngagedWiring[] } | null {
  if (event.album === undefined) return null;
  const { engaged } = engage(hearing, event, (one) => one.wiring.triggerRules);
  const open = hearing.flatMap((wiring) => {
    const session = sessionManager.find(placeOf(wiring, event));
    const album = session && sessionManager.read(session.id, (db) => findOpenAlbum(db, event, clock.now()));
    // A call may stand at any of the pictures.
    return album ? [{ wiring, trigger: engaged.includes(wiring) ? 1 : album.row.trigger }] : [];
  });
  if (open.length === 0) return null;
  const heardBy = (trigger: 0 | 1) =>
    open.filter((one) => one.trigger === trigger).map(({ wiring }) => wiring);
  return { engaged: heardBy(1), context: heardBy(0) };
}

const placeOf = ({ agentGroup, messagingGroup, wiring }: EngagedWiring, { threadId }: InboundEvent) => ({
  ...{ agentGroup, messagingGroup, threadId },
  mode: wiring.sessionMode,
});

/**
 * Whoever heard a message hears what becomes of it; new words may call, as those of a new message do. No conversation is
 * begun by a change that calls nobody.
 */
function whoHearsOf(
  { deps, bots }: RouterParts,
  event: InboundEvent,
  hearing: readonly EngagedWiring[],
): Target[] {
  const { engaged } = engage(hearing, { ...event, kind: 'message' }, (one) => one.wiring.triggerRules);
  const mayCall = (wiring: EngagedWiring) =>
    event.kind === 'edited' &&
    (event.editedBy ?? event.sender.id) === event.sender.id &&
    engaged.includes(wiring) &&
    (!event.sender.isBot || bots.allow(wiring.messagingGroup.id, wiring.wiring.id));
  return hearing
    .map((wiring): Target => ({ wiring, trigger: mayCall(wiring) ? 1 : 0 }))
    .filter(
      ({ wiring, trigger }) =>
        trigger === 1 || deps.sessionManager.find(placeOf(wiring, event)) !== undefined,
    );
}

async function deliver(parts: RouterParts, intake: Intake, targets: Target[]): Promise<RouteOutcome> {
  const { deps, patience } = parts;
  const resting = targets.filter((one) => patience.isResting(conversationOf(intake, one)));
  const tried = targets.filter((one) => !resting.includes(one));
  const { delivered, failures } = await fanOut(deps, intake, tried);
  for (const target of tried) {
    if (!failures.some((one) => one.target === target)) patience.forget(conversationOf(intake, target));
  }
  const { platformId: chat, messageId: message } = intake.event;
  for (const one of delivered) {
    const what = one.inserted ? 'message taken in' : 'message known already';
    deps.log.info({ chat, message, session: one.sessionId, trigger: one.trigger }, what);
  }
  const left = settleFailures(parts, intake, failures, resting);
  if (left) return left;
  const fresh = delivered.filter((one) => one.inserted);
  if (fresh.length === 0) {
    if (isChange(intake.event)) return drop(deps, intake, 'unchanged');
    return delivered.length > 0 ? { kind: 'duplicate' } : { kind: 'dropped', reason: 'session-corrupt' };
  }
  const sessions = (trigger: 0 | 1) =>
    fresh.filter((one) => one.trigger === trigger).map((one) => one.sessionId);
  return { kind: 'routed', woken: sessions(1), context: sessions(0) };
}

/**
 * A code that is waited for counts in a chat that is wired, too: it wires one more agent there, or gives its sender a role.
 * Every other word is for the agents.
 */
function pairAgain({ deps }: RouterParts, event: InboundEvent, admission: Admission): RouteOutcome | null {
  const isBlocked = admission.admitted.length + admission.refused.length === 0;
  if (event.kind !== 'message' || event.sender.isBot || isBlocked) return null;
  return deps.pairings.recognises(event) ? tryPairing(deps, event) : null;
}

/** Nobody may hear this sender. Somebody who addressed an agent is told so, twice at most; the text goes nowhere. */
function refuse(
  parts: RouterParts,
  intake: Intake,
  chat: MessagingGroup,
  admission: Admission,
): RouteOutcome {
  const { deps } = parts;
  const { event } = intake;
  if (admission.refused.length === 0) return drop(deps, intake, 'blocked-sender');
  const { engaged } = engage(admission.refused, event, (one) => one.wiring.triggerRules);
  // Only a message of ours has buttons.
  const meant = event.kind === 'click' || (event.kind === 'message' && engaged.length > 0);
  const addressed = meant && !event.sender.isBot;
  if (!addressed) return drop(deps, intake, 'refused-sender');
  const pairs = chat.unknownSenderPolicy === 'pair';
  const pairing = pairs && event.kind === 'message' ? tryPairing(deps, event) : null;
  if (pairing) return pairing;
  const { notLetIn, notLetInPair } = sentences.people;
  deps.voice.refused(event, event.sender.id, pairs ? notLetInPair() : notLetIn());
  return drop(deps, intake, 'refused-sender');
}

function drop(deps: RouterDeps, intake: Intake, reason: DropReason): RouteOutcome {
  const { event } = intake;
  countDropped(deps.db, event, reason, deps.clock.now());
  deps.log.debug({ chat: event.platformId, message: event.messageId, reason }, 'message dropped');
  return { kind: 'dropped', reason };
}
