import type { Address } from '../../address.js';
import { earlierIds } from '../central/chat-moves.js';
import type { CentralDb } from '../central/index.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';

/** A chat where an agent may send, under the name by which it asks for it. */
export interface Destination {
  name: string;
  channelType: string;
  platformId: string;
}

const central = perHandle((db) => ({
  chats: db.prepare<[string], Destination>(
    `SELECT mg.name, mg.channel_type AS channelType, mg.platform_id AS platformId
     FROM messaging_group_agents AS w JOIN messaging_groups AS mg ON mg.id = w.messaging_group_id
     WHERE w.agent_group_id = ? ORDER BY mg.created_at, mg.id`,
  ),
}));

const inbound = perHandle((db) => ({
  all: db.prepare<[], Destination>(
    'SELECT name, channel_type AS channelType, platform_id AS platformId FROM destinations ORDER BY name',
  ),
  clear: db.prepare('DELETE FROM destinations'),
  add: db.prepare<[Destination]>(
    'INSERT INTO destinations (name, channel_type, platform_id) VALUES (@name, @channelType, @platformId)',
  ),
  route: db.prepare<[], Address>(
    `SELECT channel_type AS channelType, platform_id AS platformId, thread_id AS threadId FROM session_routing`,
  ),
  setRoute: db.prepare<[Address]>(
    `INSERT OR REPLACE INTO session_routing (only, channel_type, platform_id, thread_id)
     VALUES (1, @channelType, @platformId, @threadId)`,
  ),
}));

/** Every chat that the agent group is wired to, with the names that their platforms show. */
export function wiredChats(db: CentralDb, agentGroupId: string): Destination[] {
  return central(db).chats.all(agentGroupId);
}

/** Where an agent group may send: its chats, under their present ids and those of before. */
export function reachableChats(db: CentralDb, agentGroupId: string): Destination[] {
  return wiredChats(db, agentGroupId).flatMap((chat) => [
    chat,
    ...earlierIds(db, chat.channelType, chat.platformId).map((platformId) => ({ ...chat, platformId })),
  ]);
}

/** In the order of their names. */
export function readDestinations(db: InboundDb): Destination[] {
  return inbound(db).all.all();
}

export function writeDestinations(db: InboundDb, destinations: readonly Destination[]): void {
  inbound(db).clear.run();
  for (const destination of destinations) inbound(db).add.run(destination);
}

/** Where a reply goes by default. */
export function readRoute(db: InboundDb): Address | undefined {
  return inbound(db).route.get();
}

export function writeRoute(db: InboundDb, { channelType, platformId, threadId }: Address): void {
  inbound(db).setRoute.run({ channelType, platformId, threadId });
}
