import { z } from 'zod';
import { idsOf, recordOf, type Turn } from '../turn.ts';
import { commit } from './commit.ts';
import type { Loop } from './context.ts';
import { closeConversation } from './conversation.ts';

const idSchema = z.object({ id: z.string() });

/** A person said `/stop`: what was cancelled ends without a reply; what was not goes on in a new conversation. */
export async function endCancelled(loop: Loop, turn: Turn): Promise<void> {
  const ids = idsOf(turn.pushes);
  const rows = loop.inbound.rows('withStatus', idSchema, 'cancelled', JSON.stringify(ids));
  if (rows.length === 0) return;
  const cancelled = new Set(rows.map((row) => row.id));
  const pushes = turn.pushes
    .map((push) => ({
      ...push,
      messages: push.messages.filter((message) => !cancelled.has(message.id)),
      contextIds: push.contextIds.filter((id) => !cancelled.has(id)),
    }))
    .filter((push) => push.messages.length > 0);
  const kept = new Set(idsOf(pushes));
  // Tools of the old turn find none from here on, and can say nothing more.
  loop.turn = pushes.length === 0 ? null : { ...turn, pushes, written: [] };
  loop.trouble = null;
  await commit(loop, () => {
    loop.store.acks.set([...cancelled], 'failed');
    loop.store.acks.set(
      ids.filter((id) => !kept.has(id) && !cancelled.has(id)),
      'done',
    );
    loop.store.state.set('turn', loop.turn ? recordOf(loop.turn) : null);
  });
  loop.log.info({ turn: turn.id, messages: [...cancelled] }, 'turn stopped');
  await closeConversation(loop, true);
}
