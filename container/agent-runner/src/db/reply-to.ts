import { z } from 'zod';
import type { Inbound, InboundMessage } from './messages-in.ts';
import type { Outbox } from './messages-out.ts';

const seqSchema = z.object({ seq: z.number() });
const keySchema = z.object({ key: z.string() });

/** Turns a platform's message id into the number that the agent knows: somebody's message or one of its own. */
export function createSeqOf(inbound: Inbound, outbox: Outbox) {
  return (message: InboundMessage, platformMessageId: string): number | null => {
    const { channelType, platformId } = message.address;
    const [row] = inbound.rows('seqOf', seqSchema, channelType, platformId, platformMessageId);
    if (row) return row.seq;
    // Ids of a platform may be unique within a chat only: what was said in another one is not meant.
    for (const { key } of inbound.rows('deliveredKeys', keySchema, platformMessageId)) {
      const own = key.startsWith('out:') ? outbox.byId(key.slice('out:'.length)) : null;
      if (own?.address.channelType === channelType && own.address.platformId === platformId) return own.seq;
    }
    return null;
  };
}
