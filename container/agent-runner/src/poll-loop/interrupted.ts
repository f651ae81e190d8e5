import { idsOf, type Push, sameAddress } from '../turn.ts';
import { commit } from './commit.ts';
import type { Loop } from './context.ts';

/** Finds the turn that an earlier process did not end, and declares the claims of that process void. */
export async function findInterrupted(loop: Loop): Promise<void> {
  await commit(loop, () => loop.store.acks.clearClaims());
  const record = loop.store.state.get('turn');
  if (!record) return;
  const pushes = record.pushes
    .map((push) => readPush(loop, push.uuids, push.messageIds))
    .filter((push) => push.messages.length > 0);
  if (pushes.length === 0) {
    await commit(loop, () => loop.store.state.set('turn', null));
    return;
  }
  const { turnId: id, address } = record;
  const said = loop.store.outbox.ofTurn(id);
  const spoke = said.some((row) => row.kind === 'chat' && sameAddress(row.address, address));
  const seqs = pushes.flatMap((push) => push.messages.map((message) => message.seq));
  loop.turn = { id, address, pushes, lastSeq: Math.max(...seqs), spoke, silence: null, written: null };
  loop.log.info({ turn: id, messages: idsOf(pushes) }, 'interrupted turn found');
}

/** What of a push is still open: it may have been cancelled meanwhile. */
function readPush(loop: Loop, uuids: string[], messageIds: string[]): Push {
  const rows = loop.inbound.messages('byIds', JSON.stringify(messageIds));
  const messages = rows.filter((row) => row.trigger && row.body.kind !== 'bad');
  const contextIds = rows.filter((row) => !row.trigger).map((row) => row.id);
  return { uuids, messages, contextIds, takenIn: false, claimedAt: null, firstByteAt: null };
}
