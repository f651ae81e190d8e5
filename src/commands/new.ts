import { type Address, sameChat } from '../address.js';
import { isOwnConversation, personBehind } from '../db/inbound/behind.js';
import { insertMessage } from '../db/inbound/messages-in.js';
import { openTasks, type Task } from '../db/inbound/tasks.js';
import { shortHash } from '../ids.js';
import { excerpt } from '../tasks/listing.js';
import { sentences } from '../voice/index.js';
import type { Command } from './types.js';

const MOST_SHOWN = 3;

/** `/new`: a fresh conversation; the old one is kept. A guest does not end one in which others have spoken. */
export const startNew: Command = {
  async run({ session, role }, { to, eventId, senderId }, { sessions, containers, clock }) {
    const now = clock.now();
    const id = `in_new_${shortHash(`${to.platformId} ${eventId}`, 20)}`;
    const content = { type: 'new_conversation' as const };
    const behind = personBehind({ id: senderId, role });
    const row = { id, kind: 'system', trigger: 1, address: to, createdAt: now, content, behind } as const;
    const begun = await sessions.write(
      session.id,
      (db) => {
        if (role === 'guest' && !isOwnConversation(db, senderId)) return false;
        insertMessage(db, row);
        return true;
      },
      { dueAt: now },
    );
    if (!begun) return sentences.commands.newNotYours();
    containers.wake(session.id);
    return sentences.commands.newBegun(whatRemains(sessions.read(session.id, openTasks), to));
  },
};

/** A conversation that is forgotten may still have things to do. Of what is for another chat only that it is there. */
function whatRemains(all: readonly Task[], to: Address): { tasks: number; prompts: string[] } {
  const active = all.filter((task) => task.status === 'pending' && task.content.hold !== true);
  const here = active.filter(({ address }) => sameChat(address, to)).slice(0, MOST_SHOWN);
  return { tasks: active.length, prompts: here.map(({ content }) => excerpt(content.prompt)) };
}
