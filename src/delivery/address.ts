import { type Address, sameChat } from '../address.js';
import { type Destination, readDestinations, readRoute } from '../db/inbound/destinations.js';
import type { InboundDb } from '../db/inbound/index.js';
import { ownMessageBySeq } from '../db/inbound/ledger-targets.js';
import { getMessageBySeq } from '../db/inbound/messages-in.js';
import type { ChatContent, OutboundRow } from '../outbound-reader/types.js';

/** Where a row is to be said, or why not. */
export type Destined = { kind: 'to'; to: Address } | { kind: 'refused'; reason: string };

/**
 * Where the agent's row goes. Only chats that its agent group is wired to now (`reachable`) are allowed; names and
 * numbers are looked up in what the host wrote, never in what the container says.
 */
export function addressOf(
  db: InboundDb,
  row: OutboundRow,
  content: ChatContent,
  reachable: readonly Destination[],
): Destined {
  if ('operation' in content) {
    const own = content.messageId % 2 === 1;
    if (content.operation === 'edit' && !own) return refused('You can only edit messages of your own.');
    return addressOfMessage(db, content.messageId, reachable);
  }
  if (content.to === undefined) return ownAddress(db, row, reachable);
  const named = readDestinations(db).find((one) => one.name === content.to);
  if (!named) return refused(`There is no chat named ${JSON.stringify(content.to)} that you may send to.`);
  const { channelType, platformId } = named;
  return allowed({ channelType, platformId, threadId: '' }, reachable);
}

/** The chat and thread of the row's own turn. */
export function ownAddress(db: InboundDb, row: OutboundRow, reachable: readonly Destination[]): Destined {
  const { channelType, platformId, threadId } = row;
  const to = channelType === '' ? readRoute(db) : { channelType, platformId, threadId };
  return to ? allowed(to, reachable) : refused('Nobody has said yet where it should go.');
}

function addressOfMessage(db: InboundDb, seq: number, reachable: readonly Destination[]): Destined {
  const target = seq % 2 === 1 ? ownMessageBySeq(db, seq)?.to : getMessageBySeq(db, seq);
  if (!target || target.channelType === '') return refused(`There is no message ${seq} in a chat.`);
  const { channelType, platformId, threadId } = target;
  return allowed({ channelType, platformId, threadId }, reachable);
}

function allowed(to: Address, reachable: readonly Destination[]): Destined {
  const wired = reachable.some((one) => sameChat(one, to));
  return wired ? { kind: 'to', to } : refused('You are not wired to that chat (any more).');
}

const refused = (reason: string): Destined => ({ kind: 'refused', reason });
