import type { InboundEvent } from '../channels/adapter.js';
import type { InboundDb } from '../db/inbound/index.js';
import type { MessageIn, NewMessage } from '../db/inbound/messages-in.js';
import { addToAlbum, findAlbum } from '../db/inbound/said.js';
import type { KeptParts } from './message.js';

/** How long the first part of an album waits for the others: they come within some hundred milliseconds. */
export const ALBUM_MS = 1_500;

/** The album that this event belongs to, while nobody works on it. Its other parts call nobody by themselves. */
export function findOpenAlbum(db: InboundDb, event: InboundEvent, now: number): { row: MessageIn } | null {
  if (event.album === undefined) return null;
  const found = findAlbum(db, event, event.album);
  return found && isOpen(found.row, now) ? found : null;
}

/** Adds a part to the album that waits for it. Null: there is none, the part is a message of its own. */
export function joinAlbum(
  db: InboundDb,
  event: InboundEvent,
  { own, problems }: KeptParts,
  { now, trigger }: { now: number; trigger: 0 | 1 },
): { inserted: boolean; id: string } | null {
  if (event.album === undefined) return null;
  const found = findAlbum(db, event, event.album);
  if (!found) return null;
  const { row, parts } = found;
  if (parts.includes(event.messageId)) return { inserted: false, id: row.id };
  if (!isOpen(row, now)) return null;
  addToAlbum(db, row, {
    platformMessageId: event.messageId,
    calls: trigger === 1,
    text: event.text,
    forwarded: event.forwarded?.text ?? '',
    attachments: own.stored,
    problems: [...problems, ...own.problems],
  });
  return { inserted: true, id: row.id };
}

/** The row of a part: where the album has gone on its way already, it says which one it belongs to. */
export function asLatePart(db: InboundDb, event: InboundEvent, row: NewMessage): NewMessage {
  if (event.album === undefined || row.kind !== 'chat' || !findAlbum(db, event, event.album)) return row;
  const { album } = row.content;
  return album ? { ...row, content: { ...row.content, album: { ...album, late: true } } } : row;
}

const isOpen = (row: MessageIn, now: number): boolean =>
  row.status === 'pending' && row.processAfter !== null && row.processAfter > now;
