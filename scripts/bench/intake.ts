import path from 'node:path';
import Database from 'better-sqlite3';
import { INBOUND_SCHEMA } from '../../src/db/schema.js';
import type { Bench, Figure } from './lib/figure.js';
import { createIntakeHost } from './lib/intake-host.js';
import type { Plot } from './lib/plot.js';
import { inTurns, percentile, type Summary, timed } from './lib/stats.js';

const SESSIONS = 50;
const BURST = 20;
const ROUNDS = 30;
const FLOOR = 'raw commits of one database with the same settings, one row each';

/** How many messages a second become durable. */
export const intake: Bench = {
  name: 'intake',
  summary: 'messages a second that become durable, over 50 sessions',
  async run({ factor }) {
    const host = createIntakeHost();
    const raw = openRaw(path.join(host.home, 'raw.db'));
    const chats = Array.from({ length: SESSIONS }, (_, n) => `chat-${n}`);
    try {
      for (const chat of chats) host.wire(chat);
      const rounds = Math.ceil(ROUNDS * factor);
      const commits = async () =>
        each(SESSIONS, async () => {
          for (const _ of chats) raw.commit();
        });
      const spread = await inTurns(
        rounds,
        2,
        () => each(SESSIONS, () => Promise.all(chats.map((chat) => host.take(chat)))),
        commits,
      );
      const threads = Array.from({ length: BURST }, (_, n) => `thread-${n}`);
      const burst = await inTurns(
        Math.ceil(rounds / 3),
        1,
        () =>
          each(SESSIONS * BURST, () =>
            Promise.all(chats.flatMap((chat) => threads.map((thread) => host.take(chat, thread)))),
          ),
        commits,
      );
      const figures: Figure[] = [
        {
          ...{
            what: 'durable intake, spread',
            unit: '/s',
            subject: asRate(spread.subject),
            aim: { atLeast: 0.75 },
          },
          floor: { what: FLOOR, value: asRate(spread.floor) },
          note: `routeInbound, one message to each of ${SESSIONS} sessions at a time`,
        },
        {
          ...{
            what: 'durable intake, bursts',
            unit: '/s',
            subject: asRate(burst.subject),
            aim: { atLeast: 2 },
          },
          floor: { what: FLOOR, value: asRate(burst.floor) },
          note: `${BURST} messages, each of another thread, to each of ${SESSIONS} sessions at once`,
        },
      ];
      return { figures, plots: [await growth(host.take, Math.max(1, Math.ceil(8 * factor)))] };
    } finally {
      raw.close();
      await host.close();
    }
  },
};

async function growth(
  take: (chat: string, thread?: string) => Promise<unknown>,
  rounds: number,
): Promise<Plot> {
  const points: { x: number; y: number }[] = [];
  for (const together of [1, 2, 5, 10, 20, 50]) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const chats = Array.from({ length: together }, (_, n) => `chat-${n}`);
      times.push((await timed(() => Promise.all(chats.map((chat) => take(chat))))) / together);
    }
    points.push({ x: together, y: percentile(times, 0.5) });
  }
  return {
    ...{ name: 'messages', title: 'A message, by how many arrive together' },
    ...{ x: 'messages that arrive together, each for another session', y: 'ms until durable, a message' },
    series: [{ label: 'routeInbound', points }],
  };
}

async function each(count: number, what: () => Promise<unknown>): Promise<number> {
  return (await timed(what)) / count;
}

/** From milliseconds each to how many a second: 99 of 100 rounds are at least as fast as `p99`. */
const asRate = ({ n, p50, p99 }: Summary): Summary => ({ n, p50: 1000 / p50, p99: 1000 / p99 });

function openRaw(file: string) {
  const db = new Database(file);
  db.pragma('journal_mode = DELETE');
  db.pragma('synchronous = FULL');
  db.exec(INBOUND_SCHEMA);
  const insert = db.prepare(
    `INSERT INTO messages_in (id, seq, kind, trigger, channel_type, platform_id, platform_message_id, content, created_at)
     VALUES (?, ?, 'chat', 1, 'bench', 'bench:raw', ?, ?, 1)`,
  );
  let rows = 0;
  return {
    commit() {
      rows += 1;
      insert.run(`in_${rows}`, rows * 2, `m-${rows}`, JSON.stringify({ text: 'x'.repeat(200) }));
    },
    close: () => db.close(),
  };
}
