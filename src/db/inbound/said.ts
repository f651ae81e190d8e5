import { z } from 'zod';
import type { Address } from '../../address.js';
import { jsonOf } from '../../json.js';
import type { StoredAttachment } from '../content.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';
import { settleMessage } from './message-status.js';
import { findByPlatformMessage, getMessage, type MessageIn, type NewMessage } from './messages-in.js';

/** What a chat has said before, as far as it changes how the next event is kept. */

type Chat = Pick<Address, 'channelType' | 'platformId'>;

const contentSchema = z.looseObject({
  text: z.string(),
  attachments: z.array(
    z.looseObject({
      name: z.string().catch(''),
      caption: z.string().exactOptional(),
      part: z.string().exactOptional(),
    }),
  ),
  problems: z.array(z.string()),
  forwarded: z.looseObject({ text: z.string() }).optional(),
  /** Its sender took it back before anybody worked on it. */
  deleted: z.literal(true).exactOptional(),
  album: z.object({ id: z.string(), parts: z.array(z.string()), late: z.boolean() }).optional(),
});
const filesSchema = z
  .array(z.object({ name: z.string(), type: z.string(), size: z.number(), path: z.string() }))
  .catch([]);
const contentOf = (content: string) => contentSchema.parse(JSON.parse(content));

/** A message of an album comes within moments of the first; among so many rows of the session it is looked for. */
const ALBUM_ROWS = 200;
/** An album of which a later part is changed is looked for among so many. */
const CHANGED_ROWS = 5000;
/** A thread that nobody has called in for so long is told from its beginning again. */
const THREAD_ROWS = 2000;

interface Range {
  channelType: string;
  platformId: string;
  from: string;
  to: string;
}

const EDITS = `WHERE channel_type = @channelType AND platform_id = @platformId
  AND platform_message_id >= @from AND platform_message_id < @to`;

/** Ids of the edits of a message: its own and a version (channels/adapter.ts, `editId`). */
const editsOf = ({ channelType, platformId }: Chat, messageId: string): Range => ({
  ...{ channelType, platformId },
  ...{ from: `edit:${messageId}:`, to: `edit:${messageId};` },
});

const sql = perHandle((db) => ({
  met: db
    .prepare<[string, string, string], number>(
      // The plus signs keep SQLite from going through all that was ever said in the chat.
      `SELECT 1 FROM messages_in WHERE seq > (SELECT max(seq) FROM messages_in) - 2 * ${THREAD_ROWS}
         AND +channel_type = ? AND +platform_id = ? AND thread_id = ? AND trigger = 1 AND kind = 'chat' LIMIT 1`,
    )
    .pluck(),
  lastEdit: db
    .prepare<Range, string>(`SELECT content FROM messages_in ${EDITS} ORDER BY seq DESC LIMIT 1`)
    .pluck(),
  edits: db.prepare<Range, { id: string; trigger: number; status: string }>(
    `SELECT id, trigger, status FROM messages_in ${EDITS}`,
  ),
  newestOf: db
    .prepare<[string, string, string], number>(
      `SELECT seq FROM messages_in WHERE +channel_type = ? AND +platform_id = ? AND kind = 'chat'
         AND json_valid(sender) AND json_extract(sender, '$.id') = ? AND json_valid(content)
         AND json_extract(content, '$.event') = 'message' AND json_extract(content, '$.change') IS NULL
       ORDER BY seq DESC LIMIT 1`,
    )
    .pluck(),
  album: db.prepare<{ channelType: string; platformId: string; album: string; rows: number }, { id: string }>(
    `SELECT id FROM messages_in WHERE seq > (SELECT max(seq) FROM messages_in) - 2 * @rows AND kind = 'chat'
       AND +channel_type = @channelType AND +platform_id = @platformId AND json_valid(content)
       AND json_extract(content, '$.album.id') = @album AND json_extract(content, '$.album.late') = 0
     ORDER BY seq LIMIT 1`,
  ),
  albumOfPart: db.prepare<
    { channelType: string; platformId: string; part: string; rows: number },
    { id: string }
  >(
    `SELECT id FROM messages_in WHERE seq > (SELECT max(seq) FROM messages_in) - 2 * @rows AND kind = 'chat'
       AND +channel_type = @channelType AND +platform_id = @platformId AND json_valid(content)
       AND EXISTS (SELECT 1 FROM json_each(content, '$.album.parts') WHERE value = @part)
     ORDER BY seq DESC LIMIT 1`,
  ),
  content: db.prepare<[string, string]>(
    "UPDATE messages_in SET content = ? WHERE id = ? AND status = 'pending'",
  ),
  wake: db.prepare<[string]>("UPDATE messages_in SET trigger = 1 WHERE id = ? AND status = 'pending'"),
  waiting: db
    .prepare<[number, string, string], number | null>(
      `SELECT max(process_after) FROM messages_in WHERE status = 'pending' AND kind = 'chat' AND process_after > ?
         AND +channel_type = ? AND +platform_id = ?`,
    )
    .pluck(),
}));

/** Has this conversation been called in the thread before? */
export function hasMetThread(db: InboundDb, { channelType, platformId, threadId }: Address): boolean {
  return sql(db).met.get(channelType, platformId, threadId) !== undefined;
}

/** A message as it was taken in; `part`: it is that later part of an album, whose row this is. */
export interface Said {
  row: MessageIn;
  part: string | null;
}

/** Where a message of the chat stands: by itself, or in the album that it is a part of. */
export function findSaid(db: InboundDb, chat: Chat, messageId: string): Said | null {
  const own = findByPlatformMessage(db, chat, messageId);
  if (own) return own.kind === 'chat' ? { row: own, part: null } : null;
  const { channelType, platformId } = chat;
  const found = sql(db).albumOfPart.get({ channelType, platformId, part: messageId, rows: CHANGED_ROWS });
  const row = found ? getMessage(db, found.id) : undefined;
  return row ? { row, part: messageId } : null;
}

/** The names of the files that came with a later part of an album. */
export const filesOfPart = ({ row, part }: Said): string[] =>
  contentOf(row.content)
    .attachments.filter((file) => file.part === part)
    .map(({ name }) => name);

/** The words of a message as this conversation last heard them; null: that cannot be told. */
export function wordsOf(db: InboundDb, chat: Chat, { row, part }: Said): string | null {
  const edited = sql(db).lastEdit.get(editsOf(chat, part ?? row.platformMessageId ?? ''));
  if (edited !== undefined) return contentOf(edited).text;
  const content = contentOf(row.content);
  if (part === null) return content.text;
  const [first] = content.attachments.filter((file) => file.part === part);
  // Without a file its words went into those of the album.
  return first ? (first.caption ?? '') : null;
}

/** Was the agent told of an edit of it? */
export function hasEdits(db: InboundDb, chat: Chat, messageId: string): boolean {
  return sql(db).edits.get(editsOf(chat, messageId)) !== undefined;
}

/** Has an edit of it, or of another part of its album, called the agent? */
export function hasCalled(db: InboundDb, chat: Chat, { row }: Said): boolean {
  const ids = new Set([row.platformMessageId ?? '', ...(contentOf(row.content).album?.parts ?? [])]);
  return [...ids].some((id) =>
    sql(db)
      .edits.all(editsOf(chat, id))
      .some(({ trigger }) => trigger === 1),
  );
}

/** Cancels the edits of a message that nobody has begun to work on. */
export function cancelEdits(db: InboundDb, chat: Chat, messageId: string): void {
  for (const { id } of sql(db).edits.all(editsOf(chat, messageId))) settleMessage(db, id, 'cancelled');
}

/** Does the conversation hear new words of it, which nobody has taken back? */
export function hasLiveEdits(db: InboundDb, chat: Chat, messageId: string): boolean {
  return sql(db)
    .edits.all(editsOf(chat, messageId))
    .some(({ status }) => status !== 'cancelled');
}

/** Cancels a message that was deleted before anybody worked on it, so that it can be brought back. */
export function takeBack(db: InboundDb, row: MessageIn): void {
  sql(db).content.run(JSON.stringify({ ...contentOf(row.content), deleted: true }), row.id);
  settleMessage(db, row.id, 'cancelled');
}

/** A message that was deleted, said again by an event of its own; null: it is no such message, or it is back already. */
export function broughtBack(
  db: InboundDb,
  chat: Chat,
  row: MessageIn,
  again: { text: string; row: NewMessage },
): NewMessage | null {
  const { deleted, ...content } = contentOf(row.content);
  const isBack = row.platformMessageId !== null && hasLiveEdits(db, chat, row.platformMessageId);
  if (row.status !== 'cancelled' || !deleted || isBack || again.row.kind !== 'chat') return null;
  const { text } = again;
  const { change: _, ...fresh } = again.row.content;
  // The same files, which stay where they are.
  const attachments = filesSchema.parse(content.attachments);
  const kept = { text, attachments, problems: content.problems };
  return { ...again.row, trigger: row.trigger, content: { ...fresh, ...kept } };
}

const senderSchema = z.object({ id: z.string() }).catch({ id: '' });

/** Who said it, `<channel>:<user id>`. */
export const senderOf = (row: MessageIn): string => senderSchema.parse(jsonOf(row.sender)).id;

/** Is this the last that the person has said in the chat? */
export function isNewestOf(db: InboundDb, chat: Chat, row: MessageIn, senderId: string): boolean {
  return sql(db).newestOf.get(chat.channelType, chat.platformId, senderId) === row.seq;
}

/** Puts other words into a message that nobody has worked on yet. False: it has no place for them. */
export function replaceWords(db: InboundDb, { row, part }: Said, text: string): boolean {
  const content = contentOf(row.content);
  if (part === null) {
    sql(db).content.run(JSON.stringify({ ...content, text }), row.id);
    return true;
  }
  const at = content.attachments.findIndex((file) => file.part === part);
  const attachments = content.attachments.map((file, place) => {
    if (place !== at) return file;
    const { caption: _, ...rest } = file;
    return text === '' ? rest : { ...rest, caption: text };
  });
  if (at >= 0) sql(db).content.run(JSON.stringify({ ...content, attachments }), row.id);
  return at >= 0;
}

/** Takes a later part out of an album that nobody has worked on yet. False: it has no file, its words stand among others. */
export function removePart(db: InboundDb, said: Said): boolean {
  if (filesOfPart(said).length === 0) return false;
  const content = contentOf(said.row.content);
  const attachments = content.attachments.filter((file) => file.part !== said.part);
  sql(db).content.run(JSON.stringify({ ...content, attachments }), said.row.id);
  return true;
}

/** The row of an album whose first part is here. */
export function findAlbum(
  db: InboundDb,
  chat: Chat,
  album: string,
): { row: MessageIn; parts: string[] } | null {
  const { channelType, platformId } = chat;
  const found = sql(db).album.get({ channelType, platformId, album, rows: ALBUM_ROWS });
  const row = found ? getMessage(db, found.id) : undefined;
  return row ? { row, parts: contentOf(row.content).album?.parts ?? [] } : null;
}

const joinTexts = (...texts: string[]): string => texts.filter((text) => text !== '').join('\n\n');

/** Adds a part to an album that waits: its files, each with what was said with it. */
export function addToAlbum(
  db: InboundDb,
  row: MessageIn,
  part: {
    platformMessageId: string;
    /** It calls the agent, whatever the parts before did. */
    calls: boolean;
    text: string;
    /** Words of somebody else, which the part passes on. */
    forwarded: string;
    attachments: StoredAttachment[];
    problems: string[];
  },
): void {
  const content = contentOf(row.content);
  const album = content.album ?? { id: '', parts: [], late: false };
  const own = part.attachments.map((file) => ({ ...file, part: part.platformMessageId }));
  const [first, ...others] = own;
  const attachments = first && part.text !== '' ? [{ ...first, caption: part.text }, ...others] : own;
  const text = first || part.text === '' ? content.text : joinTexts(content.text, part.text);
  const passedOn = content.forwarded
    ? { forwarded: { ...content.forwarded, text: joinTexts(content.forwarded.text, part.forwarded) } }
    : {};
  const joined = {
    ...content,
    ...passedOn,
    text,
    attachments: [...content.attachments, ...attachments],
    problems: [...content.problems, ...part.problems],
    album: { ...album, parts: [...album.parts, part.platformMessageId] },
  };
  sql(db).content.run(JSON.stringify(joined), row.id);
  if (part.calls) sql(db).wake.run(row.id);
}

/** Until when an album of this chat waits for its parts; what is said behind it waits as long. Null: none does. */
export function albumWaitsUntil(db: InboundDb, chat: Chat, now: number): number | null {
  return sql(db).waiting.get(now, chat.channelType, chat.platformId) ?? null;
}
