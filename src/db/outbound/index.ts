import Database from 'better-sqlite3';
import { perHandle } from '../per-handle.js';
import { OUTBOUND_SCHEMA } from '../schema.js';

/**
 * Reading what a container wrote: for the reader process only. The file is hostile, so nothing of it is asked for
 * but its schema, which must be ours to the letter, and rows in the order of their rowid.
 */
export type OutboundDb = Database.Database & { readonly __db?: 'outbound' };

/** A value as it crosses to the host; what is of the wrong type or too long has become null. */
export type RawValue = string | number | null;

/** Rows and acks in the order of `OUTBOUND_COLUMNS` and `ACK_COLUMNS`. */
export interface RawOutbound {
  rows: RawValue[][];
  acks: RawValue[][];
  more: boolean;
}

/** Its schema is not `OUTBOUND_SCHEMA`, or its rows are not in order. */
export class OutboundFormatError extends Error {}

const PAGE = 100;
/** A page ends after the row that passes this many characters. */
const PAGE_CHARACTERS = 1_000_000;
const MAX_CONTENT_BYTES = 1_000_000;

const text = (column: string, bytes: number) =>
  `CASE WHEN typeof(${column}) = 'text' AND octet_length(${column}) <= ${bytes} THEN ${column} END`;
const integer = (column: string) =>
  `CASE WHEN typeof(${column}) = 'integer' AND ${column} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${column} END`;

const OUTBOUND_COLUMNS = [
  integer('seq'),
  text('id', 100),
  integer('incarnation'),
  text('turn_id', 100),
  text('in_reply_to', 100),
  text('kind', 10),
  integer('deliver_after'),
  text('channel_type', 100),
  text('platform_id', 1000),
  text('thread_id', 1000),
  text('content', MAX_CONTENT_BYTES),
  integer('created_at'),
].join(', ');

const ACK_COLUMNS = [integer('n'), text('message_id', 100), text('status', 20), integer('incarnation')].join(
  ', ',
);

/** Opens the file for reading; waits for no lock. The caller has looked at the file first. */
export function openOutbound(file: string): OutboundDb {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 0 });
  for (const pragma of [
    'trusted_schema = OFF',
    'query_only = ON',
    'cell_size_check = ON',
    'mmap_size = 0',
    'temp_store = MEMORY',
    'hard_heap_limit = 134217728',
  ]) {
    db.pragma(pragma);
  }
  return db;
}

const SCHEMA_ROWS = `SELECT ${['type', 'name', 'tbl_name', 'sql'].map((name) => text(name, 4000)).join(', ')}
  FROM sqlite_schema LIMIT 20`;

const schemaSql = perHandle((db) => db.prepare<[], RawValue[]>(SCHEMA_ROWS).raw());

// A filter beyond the seek could be made to run for ever by a crafted file. Made only once the schema is known.
const rowSql = perHandle((db) => ({
  rows: db
    .prepare<[number], RawValue[]>(
      `SELECT ${OUTBOUND_COLUMNS} FROM messages_out WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
    )
    .raw(),
  acks: db
    .prepare<[number], RawValue[]>(
      `SELECT ${ACK_COLUMNS} FROM processing_ack WHERE n > ? ORDER BY n LIMIT ${PAGE}`,
    )
    .raw(),
}));

/** The schema as `readOutbound` wants to find it. */
export function expectedSchema(): string {
  const db = new Database(':memory:');
  try {
    db.exec(OUTBOUND_SCHEMA);
    return JSON.stringify(schemaSql(db).all());
  } finally {
    db.close();
  }
}

/**
 * One page of rows and acks of the same moment; acks only with the last page of rows. A message whose answer is still
 * to be read stays open, and so its session due, whoever ends in between. Throws an OutboundFormatError, or what SQLite
 * says.
 */
export function readOutbound(
  db: OutboundDb,
  schema: string,
  afterSeq: number,
  afterAck: number,
): RawOutbound {
  return db.transaction(() => {
    if (JSON.stringify(schemaSql(db).all()) !== schema)
      throw new OutboundFormatError('its schema is not ours');
    const rows = page(rowSql(db).rows.iterate(afterSeq), afterSeq);
    if (rows.more) return { rows: rows.rows, acks: [], more: true };
    const acks = page(rowSql(db).acks.iterate(afterAck), afterAck);
    return { rows: rows.rows, acks: acks.rows, more: acks.more };
  })();
}

function page(found: Iterable<RawValue[]>, after: number): { rows: RawValue[][]; more: boolean } {
  const rows: RawValue[][] = [];
  let last = after;
  let size = 0;
  for (const row of found) {
    const [key] = row;
    if (typeof key !== 'number' || key <= last) throw new OutboundFormatError('its rows are not in order');
    last = key;
    rows.push(row);
    for (const value of row) size += typeof value === 'string' ? value.length : 8;
    if (size > PAGE_CHARACTERS) return { rows, more: true };
  }
  return { rows, more: rows.length === PAGE };
}
