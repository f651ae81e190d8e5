import { insertMessage } from '../db/messages-in.js';
import { shortHash } from '../ids.js';
import type { Command } from './types.js';

/** `/new`: a fresh conversation; the old one is kept. Guests of a group do not end the others' conversation. */
export const startNew: Command = {
  mayUse: ({ role, messagingGroup }) => role !== 'guest' || !messagingGroup.isGroup,
  async run({ session }, { to, eventId }, { sessions, containers, clock }) {
    const now = clock.now();
    const id = `in_new_${shortHash(`${to.platformId} ${eventId}`, 20)}`;
    const content = { type: 'new_conversation' as const };
    await sessions.write(
      session.id,
      (db) => insertMessage(db, { id, kind: 'system', trigger: 1, address: to, createdAt: now, content }),
      { dueAt: now },
    );
    containers.wake(session.id);
    return 'A new conversation. I have forgotten what we said before.';
  },
};
