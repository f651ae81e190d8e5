import { z } from 'zod';
import { type Histogram, LAST_BUCKET, mergeInto } from '../../metrics/histogram.js';
import { STAGES, type Stage } from '../../metrics/stages.js';
import { perHandle } from '../per-handle.js';
import { BadRowError, parseStored } from '../stored-json.js';
import type { CentralDb } from './index.js';

interface Row {
  stage: string;
  counts: string;
}

const DAY_MS = 86_400_000;
/** Today and the six days before it. */
export const KEPT_DAYS = 7;

const countsSchema = z.array(
  z.tuple([z.number().int().min(0).max(LAST_BUCKET), z.number().int().positive()]),
);

const statements = perHandle((db) => ({
  one: db
    .prepare<[number, string], string>('SELECT counts FROM stage_times WHERE day = ? AND stage = ?')
    .pluck(),
  put: db.prepare<[number, string, string]>(
    'INSERT OR REPLACE INTO stage_times (day, stage, counts) VALUES (?, ?, ?)',
  ),
  trim: db.prepare<[number]>('DELETE FROM stage_times WHERE day <= ?'),
  since: db.prepare<[number], Row>('SELECT stage, counts FROM stage_times WHERE day > ?'),
}));

const dayOf = (now: number) => Math.floor(now / DAY_MS);

/** Adds to the day's figures (UTC), in one transaction, and forgets days that are over a week old. */
export function addStageTimes(db: CentralDb, found: ReadonlyMap<Stage, Histogram>, now: number): void {
  const { one, put, trim } = statements(db);
  const day = dayOf(now);
  const add = db.transaction(() => {
    for (const [stage, histogram] of found) {
      const sum: Histogram = new Map();
      mergeInto(sum, countsOf(one.get(day, stage)));
      mergeInto(sum, histogram);
      put.run(day, stage, JSON.stringify([...sum]));
    }
    trim.run(day - KEPT_DAYS);
  });
  add.immediate();
}

/** The figures of the last seven days, in the order of the stages; a stage without any is left out. */
export function readStageTimes(db: CentralDb, now: number): Map<Stage, Histogram> {
  const rows = statements(db).since.all(dayOf(now) - KEPT_DAYS);
  const found = new Map<Stage, Histogram>();
  for (const stage of STAGES) {
    const histogram: Histogram = new Map();
    for (const row of rows) if (row.stage === stage) mergeInto(histogram, countsOf(row.counts));
    if (histogram.size > 0) found.set(stage, histogram);
  }
  return found;
}

/** Figures that somebody spoilt by hand are forgotten: nothing but a table for people depends on them. */
function countsOf(json: string | undefined): [number, number][] {
  if (json === undefined) return [];
  try {
    return parseStored(countsSchema, json, 'a row of stage_times');
  } catch (error) {
    if (error instanceof BadRowError) return [];
    throw error;
  }
}
