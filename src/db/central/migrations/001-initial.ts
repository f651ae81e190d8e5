import type { Migration } from './types.js';

export const initial: Migration = {
  name: '001-initial',
  sql: `
CREATE TABLE agent_groups (
  id               TEXT PRIMARY KEY,
  name             TEXT NOT NULL,
  folder           TEXT NOT NULL UNIQUE,
  is_admin         INTEGER NOT NULL DEFAULT 0 CHECK (is_admin IN (0,1)),
  agent_provider   TEXT NOT NULL CHECK (agent_provider IN ('claude','mock')),
  container_config TEXT NOT NULL DEFAULT '{}',
  created_at       INTEGER NOT NULL
);
CREATE UNIQUE INDEX agent_groups_one_main ON agent_groups (is_admin) WHERE is_admin = 1;
CREATE TABLE messaging_groups (
  id                       TEXT PRIMARY KEY,
  channel_type             TEXT NOT NULL,
  platform_id              TEXT NOT NULL,
  name                     TEXT NOT NULL,
  is_group                 INTEGER NOT NULL CHECK (is_group IN (0,1)),
  admin_user_id            TEXT,
  unknown_sender_policy    TEXT NOT NULL CHECK (unknown_sender_policy IN ('open','known','pair')),
  last_platform_message_id TEXT,
  last_platform_at         INTEGER,
  created_at               INTEGER NOT NULL,
  UNIQUE (channel_type, platform_id)
);
CREATE TABLE messaging_group_agents (
  id                 TEXT PRIMARY KEY,
  messaging_group_id TEXT NOT NULL REFERENCES messaging_groups(id) ON DELETE CASCADE,
  agent_group_id     TEXT NOT NULL REFERENCES agent_groups(id) ON DELETE CASCADE,
  trigger_rules      TEXT NOT NULL,
  session_mode       TEXT NOT NULL CHECK (session_mode IN ('shared','per-thread','agent-shared')),
  priority           INTEGER NOT NULL DEFAULT 0,
  created_at         INTEGER NOT NULL,
  UNIQUE (messaging_group_id, agent_group_id)
);
CREATE TABLE sessions (
  id                 TEXT PRIMARY KEY,
  agent_group_id     TEXT NOT NULL REFERENCES agent_groups(id) ON DELETE CASCADE,
  messaging_group_id TEXT REFERENCES messaging_groups(id) ON DELETE CASCADE,
  thread_id          TEXT NOT NULL DEFAULT '',
  container_state    TEXT NOT NULL DEFAULT 'stopped' CHECK (container_state IN ('stopped','starting','running','stopping')),
  incarnation        INTEGER NOT NULL DEFAULT 0,
  tries              INTEGER NOT NULL DEFAULT 0,
  next_due_at        INTEGER,
  last_active_at     INTEGER NOT NULL,
  created_at         INTEGER NOT NULL
);
CREATE UNIQUE INDEX sessions_key ON sessions (agent_group_id, ifnull(messaging_group_id,''), thread_id);
CREATE INDEX sessions_due ON sessions (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX sessions_up ON sessions (container_state) WHERE container_state <> 'stopped';
CREATE TABLE users (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
);
CREATE TABLE memberships (
  user_id        TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  agent_group_id TEXT REFERENCES agent_groups(id) ON DELETE CASCADE,
  role           TEXT NOT NULL CHECK (role IN ('owner','admin','member','blocked')),
  created_at     INTEGER NOT NULL
);
CREATE UNIQUE INDEX memberships_key ON memberships (user_id, ifnull(agent_group_id,''));
CREATE TABLE pairings (
  id           TEXT PRIMARY KEY,
  code_hash    TEXT NOT NULL UNIQUE,
  channel_type TEXT NOT NULL,
  request      TEXT NOT NULL,
  used_by      TEXT,
  expires_at   INTEGER NOT NULL,
  created_at   INTEGER NOT NULL
);
CREATE TABLE pairing_tries (
  sender_id  TEXT PRIMARY KEY,
  tries      INTEGER NOT NULL,
  last_at    INTEGER NOT NULL
);
CREATE TABLE refused_senders (
  sender_id  TEXT PRIMARY KEY,
  replies    INTEGER NOT NULL,
  last_at    INTEGER NOT NULL
);
CREATE TABLE dropped_messages (
  channel_type TEXT NOT NULL,
  platform_id  TEXT NOT NULL,
  reason       TEXT NOT NULL,
  day          TEXT NOT NULL,
  count        INTEGER NOT NULL,
  warned_at    INTEGER,
  PRIMARY KEY (channel_type, platform_id, reason, day)
);
CREATE TABLE held_messages (
  id                  TEXT PRIMARY KEY,
  channel_type        TEXT NOT NULL,
  platform_id         TEXT NOT NULL,
  platform_message_id TEXT NOT NULL,
  event               TEXT NOT NULL,
  created_at          INTEGER NOT NULL,
  UNIQUE (channel_type, platform_id, platform_message_id)
);
CREATE TABLE pending_questions (
  id          TEXT PRIMARY KEY,
  session_id  TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
  message_key TEXT NOT NULL,
  options     TEXT NOT NULL,
  answerers   TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,
  created_at  INTEGER NOT NULL
);
CREATE TABLE enabled_channels (
  channel_type TEXT PRIMARY KEY,
  package      TEXT NOT NULL,
  version      TEXT NOT NULL,
  created_at   INTEGER NOT NULL
);
CREATE TABLE audit (
  id         TEXT PRIMARY KEY,
  actor      TEXT NOT NULL,
  action     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  detail     TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL
);
CREATE INDEX audit_by_time ON audit (created_at);
`,
};
