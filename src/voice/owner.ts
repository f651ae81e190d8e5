import { type Address, sameChat } from '../address.js';
import { channels } from '../channels/catalog/index.js';
import type { CentralDb } from '../db/central/index.js';
import { findMessagingGroup } from '../db/central/messaging-groups.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { mainChat } from '../people/main-chat.js';
import type { SessionManager } from '../session-manager.js';
import { excerpt } from '../tasks/listing.js';
import { sentences } from './sentences.js';
import type { HostVoice, OwnerNews } from './types.js';

/**
 * Says the owner's news in the main group's chat. Where there is none, or the news is about that very chat, the log has
 * to do: a chat that cannot be reached cannot be told so.
 */
export function createOwnerVoice(deps: {
  db: CentralDb;
  log: Log;
  sessions: Pick<SessionManager, 'resolve'>;
  durable: HostVoice['durable'];
}): HostVoice['owner'] {
  const { db, log, sessions } = deps;
  const failed = (error: unknown) => log.warn({ reason: reasonOf(error) }, 'owner not told');
  const tell = ({ sessionId, to, state, dedupeKey }: OwnerNews) => {
    const main = mainChat(db);
    if (!main || sameChat(main.messagingGroup, to)) {
      const fields = { session: sessionId, chat: to.platformId, state };
      log.warn(fields, 'news for the owner, who has no other chat');
      return;
    }
    const { agentGroup, wiring, messagingGroup } = main;
    const mode = wiring.sessionMode;
    const session = sessions.resolve({ agentGroup, messagingGroup, threadId: '', mode });
    const { channelType, platformId } = messagingGroup;
    const { deadElsewhere, unknownElsewhere } = sentences.delivery;
    const text = (state === 'dead' ? deadElsewhere : unknownElsewhere)({ chat: nameOf(db, to) });
    const notice = { to: { channelType, platformId, threadId: '' }, text, dedupeKey, code: 'owner-news' };
    deps.durable(session.id, notice).catch(failed);
  };
  return (news) => {
    try {
      tell(news);
    } catch (error) {
      failed(error);
    }
  };
}

/** A chat's name is its people's text: on one line, and not endless. */
function nameOf(db: CentralDb, { channelType, platformId }: Address): string {
  const name = findMessagingGroup(db, channelType, platformId)?.name.replace(/\s+/g, ' ').trim() ?? '';
  const label = channels[channelType]?.label ?? channelType;
  return name === '' || name === platformId ? `a chat on ${label}` : `"${excerpt(name)}" (${label})`;
}
