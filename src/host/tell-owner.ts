import { getMainAgentGroup } from '../db/agent-groups.js';
import type { CentralDb } from '../db/central.js';
import { getMessagingGroup } from '../db/messaging-groups.js';
import { listWiringsOfAgentGroup } from '../db/wirings.js';
import type { Delivery, DeliveryDeps } from '../delivery.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log.js';
import type { SessionManager } from '../session-manager.js';

/**
 * Says the owner's news in the main group's chat. Where there is none, or the news is about that very chat, the log has
 * to do: a chat that cannot be reached cannot be told so.
 */
export function createTellOwner(deps: {
  db: CentralDb;
  log: Log;
  sessions: Pick<SessionManager, 'resolve'>;
  notice: Delivery['notice'];
}): NonNullable<DeliveryDeps['tellOwner']> {
  const { db, log, sessions } = deps;
  const tell: ReturnType<typeof createTellOwner> = ({ sessionId, to, text, dedupeKey }) => {
    const agentGroup = getMainAgentGroup(db);
    const [wiring] = agentGroup ? listWiringsOfAgentGroup(db, agentGroup.id) : [];
    const messagingGroup = wiring && getMessagingGroup(db, wiring.messagingGroupId);
    const same =
      messagingGroup?.channelType === to.channelType && messagingGroup.platformId === to.platformId;
    if (!agentGroup || !wiring || !messagingGroup || same) {
      log.warn(
        { session: sessionId, chat: to.platformId, text },
        'news for the owner, who has no other chat',
      );
      return;
    }
    const session = sessions.resolve({
      agentGroup,
      messagingGroup,
      threadId: '',
      mode: wiring.sessionMode,
    });
    const { channelType, platformId } = messagingGroup;
    const notice = { to: { channelType, platformId, threadId: '' }, text, dedupeKey, code: 'owner-news' };
    deps.notice(session.id, notice).catch(failed);
  };
  const failed = (error: unknown) => log.warn({ reason: reasonOf(error) }, 'owner not told');
  return (news) => {
    try {
      tell(news);
    } catch (error) {
      failed(error);
    }
  };
}
