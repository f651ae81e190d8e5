import type { CentralDb } from '../db/central.js';
import type { Delivery, DeliveryDeps } from '../delivery.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log.js';
import { mainChat } from '../main-chat.js';
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
  const failed = (error: unknown) => log.warn({ reason: reasonOf(error) }, 'owner not told');
  const tell: ReturnType<typeof createTellOwner> = ({ sessionId, to, text, dedupeKey }) => {
    const main = mainChat(db);
    const same =
      main?.messagingGroup.channelType === to.channelType && main.messagingGroup.platformId === to.platformId;
    if (!main || same) {
      log.warn(
        { session: sessionId, chat: to.platformId, text },
        'news for the owner, who has no other chat',
      );
      return;
    }
    const { agentGroup, wiring, messagingGroup } = main;
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
  return (news) => {
    try {
      tell(news);
    } catch (error) {
      failed(error);
    }
  };
}
