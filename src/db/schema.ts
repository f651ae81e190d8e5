/**
 * The two files of a session (docs/contracts.md#session-folder). One writer each: the host writes `inbound.db`
 * and uses even `seq`, the container writes `outbound.db` and uses odd `seq`. Timestamps: epoch milliseconds.
 */
export const INBOUND_SCHEMA = `
CREATE TABLE messages_in (
  id                  TEXT PRIMARY KEY,
  seq                 INTEGER NOT NULL UNIQUE CHECK (seq % 2 = 0 AND seq > 0),
  kind                TEXT NOT NULL CHECK (kind IN ('chat','task','system')),
  status              TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending','done','failed','cancelled','paused')),
  trigger             INTEGER NOT NULL CHECK (trigger IN (0,1)),
  process_after       INTEGER,
  recurrence          TEXT,
  series_id           TEXT,
  channel_type        TEXT NOT NULL DEFAULT '',
  platform_id         TEXT NOT NULL DEFAULT '',
  thread_id           TEXT NOT NULL DEFAULT '',
  platform_message_id TEXT,
  sender              TEXT NOT NULL DEFAULT '{}',
  content             TEXT NOT NULL,
  created_at          INTEGER NOT NULL,
  UNIQUE (channel_type, platform_id, platform_message_id)
);
CREATE INDEX messages_in_open ON messages_in (seq) WHERE status = 'pending';
CREATE INDEX messages_in_series ON messages_in (series_id, process_after) WHERE series_id IS NOT NULL;
CREATE TABLE notices (
  id           TEXT PRIMARY KEY,
  after_seq    INTEGER NOT NULL,
  channel_type TEXT NOT NULL,
  platform_id  TEXT NOT NULL,
  thread_id    TEXT NOT NULL DEFAULT '',
  text         TEXT NOT NULL,
  dedupe_key   TEXT UNIQUE,
  settled      INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0,1)),
  created_at   INTEGER NOT NULL
);
CREATE INDEX notices_open ON notices (created_at) WHERE settled = 0;
-- The ledger. Whatever is not settled has exactly one row with next_attempt_at, its present part: the earliest of
-- them is when delivery is next due here ('failed' with error_class NULL: recorded, not tried yet). NULL: settled.
-- doubt_since: when the first attempt left that may have arrived. Extra platform ids of a part: part + 1000 * n.
CREATE TABLE delivered (
  key                 TEXT NOT NULL,
  part                INTEGER NOT NULL,
  seq                 INTEGER NOT NULL,
  state               TEXT NOT NULL CHECK (state IN ('sending','sent','failed','unknown','dead')),
  attempts            INTEGER NOT NULL DEFAULT 0,
  next_attempt_at     INTEGER,
  doubt_since         INTEGER,
  error_class         TEXT,
  last_error          TEXT,
  channel_type        TEXT NOT NULL DEFAULT '',
  platform_id         TEXT NOT NULL DEFAULT '',
  thread_id           TEXT NOT NULL DEFAULT '',
  platform_message_id TEXT,
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL,
  PRIMARY KEY (key, part)
);
CREATE INDEX delivered_due ON delivered (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX delivered_seq ON delivered (seq);
CREATE INDEX delivered_troubled ON delivered (seq) WHERE state IN ('unknown','dead');
CREATE INDEX delivered_said ON delivered (platform_message_id) WHERE platform_message_id IS NOT NULL;
CREATE TABLE destinations (
  name         TEXT PRIMARY KEY,
  channel_type TEXT NOT NULL,
  platform_id  TEXT NOT NULL,
  UNIQUE (channel_type, platform_id)
);
CREATE TABLE session_routing (
  only         INTEGER PRIMARY KEY CHECK (only = 1),
  channel_type TEXT NOT NULL,
  platform_id  TEXT NOT NULL,
  thread_id    TEXT NOT NULL DEFAULT ''
);
CREATE TABLE host_state (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
`;

/** The host creates this file; afterwards only the container writes it and only the outbound reader opens it. */
export const OUTBOUND_SCHEMA = `
CREATE TABLE messages_out (
  seq           INTEGER PRIMARY KEY CHECK (seq % 2 = 1 AND seq > 0),
  id            TEXT NOT NULL UNIQUE,
  incarnation   INTEGER NOT NULL,
  turn_id       TEXT NOT NULL,
  in_reply_to   TEXT,
  kind          TEXT NOT NULL CHECK (kind IN ('chat','system')),
  deliver_after INTEGER,
  channel_type  TEXT NOT NULL DEFAULT '',
  platform_id   TEXT NOT NULL DEFAULT '',
  thread_id     TEXT NOT NULL DEFAULT '',
  content       TEXT NOT NULL,
  created_at    INTEGER NOT NULL
);
CREATE TABLE processing_ack (
  n           INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id  TEXT NOT NULL UNIQUE,
  status      TEXT NOT NULL CHECK (status IN ('processing','done','failed')),
  incarnation INTEGER NOT NULL,
  changed_at  INTEGER NOT NULL
);
CREATE TABLE session_state (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL,
  updated_at INTEGER NOT NULL
);
`;
