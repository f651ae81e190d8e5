import { type Address, sameThread } from '../address.js';
import {
  type Destination,
  readDestinations,
  readRoute,
  writeDestinations,
  writeRoute,
} from '../db/inbound/destinations.js';
import type { InboundDb } from '../db/inbound/index.js';

/**
 * Names by which an agent can tell its chats apart: the chat's own name on one line; where two are alike the channel is
 * added, then the platform id. The same chats in the same order always give the same names.
 */
export function nameDestinations(chats: readonly Destination[]): Destination[] {
  const taken = new Set<string>();
  const named = chats.map((chat) => {
    const plain = chat.name.replace(/\s+/gu, ' ').trim().slice(0, 150) || chat.platformId;
    const names = [plain, `${plain} (${chat.channelType})`, `${plain} (${chat.platformId})`, chat.platformId];
    const name = names.find((candidate) => !taken.has(candidate)) ?? `${chat.channelType} ${chat.platformId}`;
    taken.add(name);
    return { ...chat, name };
  });
  return named.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Does the file already say so? Order counts by code unit, as SQLite sorts. */
export function routingIsCurrent(
  db: InboundDb,
  route: Address,
  destinations: readonly Destination[],
): boolean {
  const known = readRoute(db);
  return (
    known !== undefined &&
    sameThread(known, route) &&
    JSON.stringify(byName(readDestinations(db))) === JSON.stringify(byName(destinations))
  );
}

export function writeRouting(db: InboundDb, route: Address, destinations: readonly Destination[]): void {
  writeRoute(db, route);
  writeDestinations(db, destinations);
}

const byName = (destinations: readonly Destination[]) =>
  destinations.map((each) => [each.name, each.channelType, each.platformId]).sort();
