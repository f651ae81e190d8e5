import type { Address } from '../address.js';
import type { SettledOutcome } from '../channels/cli.js';
import { type Clock, sleep } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import { findMessagingGroup } from '../db/central/messaging-groups.js';
import { sessionsOfAgentGroup } from '../db/central/sessions.js';
import { listWiredAgents } from '../db/central/wirings.js';
import { listOpen } from '../db/inbound/ledger.js';
import { findByPlatformMessage } from '../db/inbound/messages-in.js';
import type { SessionManager } from '../session-manager.js';

const LOOK_EVERY_MS = 50;

export interface SettledDeps {
  db: CentralDb;
  clock: Clock;
  sessions: Pick<SessionManager, 'read'>;
  /** True while the session cannot be worked on for a reason that its chat was told. */
  isBlocked(sessionId: string): boolean;
}

/**
 * Waits until everything that a message of this chat will get has been said; only a piped terminal asks for it.
 * `waiting`: the message is kept, and a notice said why it cannot be answered yet.
 */
export async function whenSettled(
  deps: SettledDeps,
  chat: Address,
  messageId: string,
  signal: AbortSignal,
): Promise<SettledOutcome> {
  while (!signal.aborted) {
    const outcome = lookAt(deps, chat, messageId);
    if (outcome) return outcome;
    await sleep(deps.clock, LOOK_EVERY_MS);
  }
  throw signal.reason;
}

function lookAt(deps: SettledDeps, chat: Address, messageId: string): SettledOutcome | null {
  let outcome: SettledOutcome = 'done';
  for (const sessionId of sessionsOf(deps.db, chat)) {
    const { status, open } = deps.sessions.read(sessionId, (inbound) => ({
      status: findByPlatformMessage(inbound, chat, messageId)?.status,
      open: listOpen(inbound).length,
    }));
    if (open > 0) return null;
    if (status === 'pending' && !deps.isBlocked(sessionId)) return null;
    if (status === 'pending') outcome = 'waiting';
    if (status === 'failed' && outcome === 'done') outcome = 'failed';
  }
  return outcome;
}

function sessionsOf(db: CentralDb, chat: Address): string[] {
  const group = findMessagingGroup(db, chat.channelType, chat.platformId);
  if (!group) return [];
  return listWiredAgents(db, group.id).usable.flatMap(({ agentGroup }) =>
    sessionsOfAgentGroup(db, agentGroup.id)
      .filter((session) => session.messagingGroupId === group.id || session.messagingGroupId === null)
      .map((session) => session.id),
  );
}
