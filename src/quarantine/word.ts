import { isGroupChat } from '../channels/catalog/index.js';
import type { Clock } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import { findMessagingGroup } from '../db/central/messaging-groups.js';
import { claimWord, type SetAside, settleWord, wordsDue } from '../db/central/set-aside.js';
import { membershipsOf } from '../db/central/users.js';
import { listWiredAgents, type WiredAgent } from '../db/central/wirings.js';
import type { MessagingGroup } from '../db/types.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { admit } from '../router/people.js';
import type { SessionManager } from '../session-manager.js';
import { type HostVoice, type Sentence, sentences } from '../voice/index.js';

/** So often a chat hears of it in an hour: strangers may write as many such messages as they like. */
const MOST_WORDS = 3;
const HOUR_MS = 3_600_000;

export interface SetAsideWordDeps {
  db: CentralDb;
  clock: Clock;
  log: Log;
  sessions: Pick<SessionManager, 'resolve'>;
  voice: Pick<HostVoice, 'durable' | 'refused'>;
}

/**
 * Says once in the chat that a message there was set aside. In a wired chat it is a notice, which outlives a restart;
 * somebody whom no agent of the chat may hear is not told. Where no agent serves a direct message, its sender gets what
 * every refused sender gets: two answers in all.
 */
export function createSetAsideWord(deps: SetAsideWordDeps): () => void {
  const { db, clock, log, voice } = deps;
  const failed = (error: unknown) =>
    log.warn({ reason: reasonOf(error) }, 'a chat was not told of a message');

  function tell(message: SetAside): void {
    const { channelType, platformId, threadId } = message;
    const to = { channelType, platformId, threadId };
    const chat = findMessagingGroup(db, channelType, platformId);
    const agents = chat ? listWiredAgents(db, chat.id).usable : [];
    if (!chat || agents.length === 0) {
      settleWord(db, message.id, answerStranger(message) ? 'said' : 'none');
      return;
    }
    const agent = hearing(chat, agents, message);
    const now = clock.now();
    if (!agent || !claimWord(db, message, { most: MOST_WORDS, since: now - HOUR_MS, now })) {
      settleWord(db, message.id, 'none');
      return;
    }
    const mode = agent.wiring.sessionMode;
    const { agentGroup } = agent;
    const session = deps.sessions.resolve({ agentGroup, messagingGroup: chat, threadId, mode });
    const text = wordOf(message, chat.isGroup);
    const dedupeKey = `set-aside ${message.id}`;
    voice
      .durable(session.id, { to, text, dedupeKey, code: 'message-set-aside' })
      .then(() => settleWord(db, message.id, 'said'))
      .catch(failed);
  }

  function answerStranger(message: SetAside): boolean {
    const { channelType, platformId, threadId, senderId } = message;
    if (senderId === null || isGroupChat(channelType, platformId) !== false) return false;
    if (isBlocked(senderId)) return false;
    return voice.refused({ channelType, platformId, threadId }, senderId, wordOf(message, false));
  }

  const isBlocked = (senderId: string) =>
    membershipsOf(db, senderId).some(({ role, agentGroupId }) => role === 'blocked' && agentGroupId === null);

  /** The agent that would have heard it; where nobody knows who wrote it, the first one. */
  function hearing(chat: MessagingGroup, agents: readonly WiredAgent[], { senderId }: SetAside) {
    return senderId === null ? agents[0] : admit(chat, agents, membershipsOf(db, senderId)).admitted[0];
  }

  return () => {
    for (const message of wordsDue(db)) {
      try {
        tell(message);
      } catch (error) {
        failed(error);
      }
    }
  };
}

function wordOf({ saidAt }: SetAside, isGroup: boolean): Sentence {
  const date = new Date(saidAt ?? Number.NaN);
  const isKnown = !Number.isNaN(date.getTime());
  const at = isKnown ? `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC` : null;
  return sentences.givenUp.unreadable({ isGroup, at });
}
