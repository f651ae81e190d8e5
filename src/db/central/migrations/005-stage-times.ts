import type { Migration } from './types.js';

/** How long messages took, stage by stage: one small histogram a day (days since 1970, UTC) and stage. */
export const stageTimes: Migration = {
  name: '005-stage-times',
  sql: `
CREATE TABLE stage_times (
  day    INTEGER NOT NULL,
  stage  TEXT NOT NULL,
  counts TEXT NOT NULL,
  PRIMARY KEY (day, stage)
) WITHOUT ROWID;
`,
};
