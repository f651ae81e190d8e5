import type { InboundEvent } from '../channels/adapter.js';
import { claimDropWarning, countDropped } from '../db/central/dropped-messages.js';
import { holdMessage } from '../db/central/held-messages.js';
import { createMessagingGroup, findMessagingGroup, purgeUnwired } from '../db/central/messaging-groups.js';
import { membershipsOf } from '../db/central/users.js';
import { newId } from '../ids.js';
import { registerCommand } from '../people/registration/command.js';
import { sentences } from '../voice/index.js';
import { changeWhatWaits, encodeHeld } from './held-event.js';
import { tryPairing } from './pair.js';
import { isBlockedEverywhere } from './people.js';
import type { RouteOutcome, RouterDeps } from './types.js';

const HOUR_MS = 3_600_000;
const MAX_UNWIRED = 200;

/** A chat that no agent serves: remembered, reported to the operator, and its message kept for a day. */
export function routeUnwired(deps: RouterDeps, event: InboundEvent): RouteOutcome {
  const { db } = deps;
  const isPerson = !event.sender.isBot;
  const addressed = event.kind === 'message' && isPerson && (event.mentioned || !event.isGroup);
  if (isBlockedEverywhere(membershipsOf(db, event.sender.id))) {
    countDropped(db, event, 'blocked-sender', deps.clock.now());
    return { kind: 'dropped', reason: 'blocked-sender' };
  }
  // What waits for its chat's registration is to be taken in as it is by then.
  if (changeWhatWaits(db, event)) return { kind: 'held' };
  const pairing = addressed ? tryPairing(deps, event) : null;
  if (pairing?.kind === 'paired') return pairing;
  record(deps, event, { addressed, keep: addressed && pairing === null });
  warn(deps, event);
  if (addressed && pairing === null) {
    deps.voice.refused(event, event.sender.id, sentences.people.notConnected());
  }
  return addressed && pairing === null ? { kind: 'held' } : { kind: 'dropped', reason: 'unwired' };
}

function record(deps: RouterDeps, event: InboundEvent, what: { addressed: boolean; keep: boolean }): void {
  const { db } = deps;
  const now = deps.clock.now();
  const { channelType, platformId, messageId: platformMessageId } = event;
  const write = db.transaction(() => {
    if (what.addressed) remember(deps, event, now);
    if (what.keep) {
      holdMessage(db, {
        channelType,
        platformId,
        platformMessageId,
        event: encodeHeld(event),
        createdAt: now,
      });
    }
    countDropped(db, event, 'unwired', now);
  });
  write.immediate();
}

/** Makes the chat known at its first direct message or mention. */
function remember(deps: RouterDeps, event: InboundEvent, now: number): void {
  const { db } = deps;
  if (findMessagingGroup(db, event.channelType, event.platformId)) return;
  createMessagingGroup(db, {
    id: newId('mg'),
    channelType: event.channelType,
    platformId: event.platformId,
    name: event.chatName.slice(0, 200) || event.platformId,
    isGroup: event.isGroup,
    // Not a right yet: who will be let in when the operator registers this direct message.
    adminUserId: event.isGroup ? null : event.sender.id,
    unknownSenderPolicy: event.isGroup ? 'known' : 'pair',
    lastPlatformMessageId: null,
    lastPlatformAt: null,
    createdAt: now,
  });
  purgeUnwired(db, MAX_UNWIRED);
}

function warn(deps: RouterDeps, event: InboundEvent): void {
  const { db, log } = deps;
  if (event.kind !== 'message') return;
  const { channelType, platformId, messageId } = event;
  const fields = { channel: channelType, chat: platformId, message: messageId, sender: event.sender.id };
  if (!claimDropWarning(db, event, 'unwired', deps.clock.now(), HOUR_MS)) {
    log.debug(fields, 'message dropped: chat not wired');
    return;
  }
  const command = registerCommand(db, { channelType, platformId, name: event.chatName });
  log.warn(fields, `MESSAGE DROPPED: no agent is wired to this chat. To wire one: ${command}`);
}
