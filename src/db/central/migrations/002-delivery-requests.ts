import type { Migration } from './types.js';

/** Steps write no session's files: what an operator decides about a delivery is asked for here. */
export const deliveryRequests: Migration = {
  name: '002-delivery-requests',
  sql: `
CREATE TABLE delivery_requests (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id   TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
  delivery_key TEXT NOT NULL,
  action       TEXT NOT NULL CHECK (action IN ('retry','discard')),
  outcome      TEXT CHECK (outcome IN ('done','nothing','failed')),
  created_at   INTEGER NOT NULL
);
CREATE INDEX delivery_requests_open ON delivery_requests (id) WHERE outcome IS NULL;
`,
};
