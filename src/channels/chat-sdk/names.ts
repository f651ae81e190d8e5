import type { Adapter } from 'chat';
import type { Clock } from '../../clock.js';

const FRESH_MS = 10 * 60_000;
const MOST = 2000;

export interface ChatNames {
  /** The chat's name as the platform shows it; `otherwise` where it has none (direct messages). Never rejects. */
  of(threadId: string, otherwise: string): Promise<string>;
}

/** Names of chats, asked for once in ten minutes. */
export function createChatNames(adapter: Adapter, clock: Clock): ChatNames {
  const known = new Map<string, { name: string; at: number }>();

  async function ask(chat: string): Promise<string> {
    try {
      return (await adapter.fetchChannelInfo?.(chat))?.name ?? '';
    } catch {
      return known.get(chat)?.name ?? '';
    }
  }

  return {
    async of(threadId, otherwise) {
      const chat = adapter.channelIdFromThreadId(threadId);
      const found = known.get(chat);
      if (found && clock.monotonic() - found.at < FRESH_MS) return found.name || otherwise;
      const name = await ask(chat);
      known.delete(chat);
      known.set(chat, { name, at: clock.monotonic() });
      for (const oldest of known.keys()) {
        if (known.size <= MOST) break;
        known.delete(oldest);
      }
      return name || otherwise;
    },
  };
}
