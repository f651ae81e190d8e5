import Database from 'better-sqlite3';
import { saveDeliveryCursor } from '../../src/db/inbound/delivery-cursor.js';
import type { Session } from '../../src/db/types.js';
import type { Bench } from './lib/figure.js';
import { type BenchHost, createBenchHost } from './lib/host.js';
import { inTurns, timed } from './lib/stats.js';

const ROUNDS = 60;
/** Longer than a reply takes to be marked as sent. */
const REST_MS = 20;
const WARM_UP = 10;
const [OLD, YOUNG] = [50_000, 50];

/** Does one more message cost more after fifty thousand? */
export const history: Bench = {
  name: 'history',
  summary: 'one more round trip in a session with 50,000 old messages, beside one with 50',
  async run({ factor }) {
    const host = await createBenchHost({ docker: null, provider: 'mock' });
    const rounds = Math.ceil(ROUNDS * factor);
    const beside = (length: number) =>
      inTurns(
        rounds,
        WARM_UP,
        () => timed(() => host.ask(`old-${length}`, 'hello')),
        () => timed(() => host.ask('young', 'hello')),
        REST_MS,
      );
    try {
      addHistory(host, host.wire('young'), YOUNG);
      const points: { x: number; y: number }[] = [];
      for (const length of [500, 5000, OLD]) {
        addHistory(host, host.wire(`old-${length}`), length);
        const { subject, floor } = await beside(length);
        if (points.length === 0) points.push({ x: YOUNG, y: 1 });
        points.push({ x: length, y: subject.p50 / floor.p50 });
        if (length < OLD) continue;
        return {
          figures: [
            {
              ...{ what: 'round trip after 50,000 messages', unit: 'ms', subject, aim: { atMost: 1.5 } },
              floor: {
                what: 'the same host, the same process engine, a session of 50 messages',
                value: floor,
              },
              note: 'old rows in messages_in, messages_out and the ledger alike',
            },
          ],
          plots: [
            {
              ...{ name: 'history', title: 'A round trip, by the length of the history' },
              ...{ x: 'messages in the session before', y: `times that of a session of ${YOUNG} messages` },
              series: [{ label: 'ratio of the medians', points }],
            },
          ],
        };
      }
      return { figures: [] };
    } finally {
      await host.close();
    }
  },
};

/** Messages that were asked, answered and delivered long ago. Before its container has ever run, so the file is free. */
function addHistory(host: BenchHost, session: Session, length: number): void {
  const paths = host.containers.sessions.paths(session);
  const { sessions } = host.containers;
  const content = JSON.stringify({ text: 'A message of some length, as people write them every day.' });
  const address = ['bench', `bench:${session.messagingGroupId?.replace('mg_', '')}`];
  sessions.read(session.id, (db) => {
    const add = db.prepare(
      `INSERT INTO messages_in (id, seq, kind, status, trigger, channel_type, platform_id, platform_message_id, content, created_at)
       VALUES (?, ?, 'chat', 'done', 1, ?, ?, ?, ?, 1)`,
    );
    const settle = db.prepare(
      `INSERT INTO delivered (key, part, seq, state, channel_type, platform_id, platform_message_id, created_at, updated_at)
       VALUES (?, 0, ?, 'sent', ?, ?, ?, 1, 1)`,
    );
    db.transaction(() => {
      for (let n = 1; n <= length; n += 1) {
        add.run(`in_old_${n}`, n * 2, ...address, `old-in-${n}`, content);
        settle.run(`out:out_old_${n}`, n * 2 + 1, ...address, `old-out-${n}`);
      }
      saveDeliveryCursor(db, { seq: length * 2 + 1, ack: 0 });
    })();
  });
  const outbound = new Database(paths.outboundDb);
  outbound.pragma('journal_mode = TRUNCATE');
  const say = outbound.prepare(
    `INSERT INTO messages_out (seq, id, incarnation, turn_id, kind, channel_type, platform_id, content, created_at)
     VALUES (?, ?, 1, ?, 'chat', ?, ?, ?, 1)`,
  );
  outbound.transaction(() => {
    for (let n = 1; n <= length; n += 1) say.run(n * 2 + 1, `out_old_${n}`, `t_${n}`, ...address, content);
  })();
  outbound.close();
}
