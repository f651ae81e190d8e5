import { z } from 'zod';
import { jsonOf } from '../json.ts';
import type { SqliteDb } from './driver.ts';

const turnRecordSchema = z.object({
  turnId: z.string(),
  address: z.object({ channelType: z.string(), platformId: z.string(), threadId: z.string() }),
  pushes: z.array(z.object({ uuids: z.array(z.string()), messageIds: z.array(z.string()) })),
});

/** The turn that runs: what was given to the model under which uuids, so that a crash repeats nothing. */
export type TurnRecord = z.infer<typeof turnRecordSchema>;

const silenceSchema = z.object({ reason: z.string(), messageIds: z.array(z.string()), at: z.number() });
const valueSchema = z.object({ value: z.string() });

interface Shapes {
  /** The provider's name for the conversation that goes on with the next turn; `used` once a turn of it has ended. */
  continuation: { value: string; used: boolean };
  turn: TurnRecord;
  /** The last deliberate silence. */
  silence: z.infer<typeof silenceSchema>;
  /** When which notice was last given, epoch milliseconds. */
  notices: Record<string, number>;
}

const SCHEMAS: { [K in keyof Shapes]: z.ZodType<Shapes[K]> } = {
  continuation: z.object({ value: z.string(), used: z.boolean() }),
  turn: turnRecordSchema,
  silence: silenceSchema,
  notices: z.record(z.string(), z.number()),
};

/** Small things that outlive the process, each a JSON value. */
export interface SessionState {
  /** Null where it was never set, or cannot be read. */
  get<K extends keyof Shapes>(key: K): Shapes[K] | null;
  /** Null removes it. */
  set<K extends keyof Shapes>(key: K, value: Shapes[K] | null): void;
}

export function createSessionState(db: SqliteDb, now: () => number): SessionState {
  const read = db.prepare('SELECT value FROM session_state WHERE key = ?');
  const write = db.prepare('INSERT OR REPLACE INTO session_state (key, value, updated_at) VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM session_state WHERE key = ?');
  return {
    get<K extends keyof Shapes>(key: K): Shapes[K] | null {
      const row = valueSchema.safeParse(read.get(key));
      if (!row.success) return null;
      const parsed = SCHEMAS[key].safeParse(jsonOf(row.data.value));
      return parsed.success ? parsed.data : null;
    },
    set(key, value) {
      if (value === null) remove.run(key);
      else write.run(key, JSON.stringify(value), now());
    },
  };
}
