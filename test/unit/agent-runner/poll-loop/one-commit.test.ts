import { expect, it, onTestFinished } from 'vitest';
import { loadSqlite, type OpenSqlite } from '../../../../container/agent-runner/src/db/driver.ts';
import { startLoop } from '../loop.js';
import { createSession } from '../session.js';

it('at no commit is there an answer whose message is open, or an end without its answer', async () => {
  const session = createSession();
  onTestFinished(() => session.remove());
  const seen: { answers: number; done: number; remembered: boolean }[] = [];
  const load = loadSqlite();
  const open: OpenSqlite = (...given) => {
    const db = load(...given);
    return {
      exec(sql) {
        db.exec(sql);
        if (sql !== 'COMMIT') return;
        const done = session.acks().filter((ack) => ack.status === 'done').length;
        const { used = false } = JSON.parse(session.state('continuation') ?? '{}');
        seen.push({ answers: session.out().length, done, remembered: used });
      },
      prepare: (sql) => db.prepare(sql),
      close: () => db.close(),
    };
  };
  session.say('one');
  const run = await startLoop(session, {}, open);
  await run.until(() => session.ack('in_1') === 'done');
  session.say('two');
  await run.until(() => session.ack('in_2') === 'done');
  await run.stop();
  expect(seen.length).toBeGreaterThanOrEqual(4);
  for (const { answers, done } of seen) expect(answers).toBe(done);
  expect(seen.filter(({ answers, remembered }) => answers > 0 && !remembered)).toEqual([]);
});
