import { isOwnConversation } from '../db/inbound/behind.js';
import { sentences } from '../voice/index.js';
import type { Command } from './types.js';

/** `/again`: sends once more what may not have arrived in this chat and thread. */
export const again: Command = {
  async run({ session, role }, { to, senderId }, { delivery, sessions }) {
    const own = role !== 'guest' || sessions.read(session.id, (db) => isOwnConversation(db, senderId));
    if (!own) return sentences.commands.againNotYours();
    const parts = await delivery.again(session.id, to);
    return parts > 0 ? null : sentences.commands.againNothing();
  },
};
