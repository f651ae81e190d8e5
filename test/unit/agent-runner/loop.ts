import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { buildLoop } from '../../../container/agent-runner/src/build-loop.ts';
import { loadSqlite } from '../../../container/agent-runner/src/db/driver.ts';
import { parseEnv } from '../../../container/agent-runner/src/env.ts';
import { silentLog } from '../../../container/agent-runner/src/log.ts';
import { createMailbox } from '../../../container/agent-runner/src/mailbox.ts';
import { createPathMap, runnerPaths } from '../../../container/agent-runner/src/paths.ts';
import type { Heard } from '../../../container/agent-runner/src/poll-loop/context.ts';
import { runPollLoop } from '../../../container/agent-runner/src/poll-loop.ts';
import { createMockProvider } from '../../../container/agent-runner/src/providers/mock.ts';
import { createFakeClock } from '../../fakes/clock.js';
import type { TestSession } from './session.js';

/** The runner's loop over a session's real files, in this process, with the mock and a clock of the test's. */
export async function startLoop(session: TestSession, env: Record<string, string> = {}, open = loadSqlite()) {
  const clock = createFakeClock(Date.UTC(2026, 10, 22, 8, 5));
  const mailbox = createMailbox<Heard>(clock);
  const parsed = parseEnv(session.env(env));
  const map = createPathMap(parsed.mounts);
  let rings = 0;
  const loop = buildLoop({
    env: parsed,
    provider: createMockProvider({ clock, transcriptFile: join(parsed.home, 'mock-transcript.jsonl') }),
    map,
    paths: runnerPaths(map),
    open,
    mailbox,
    clock,
    log: silentLog,
    bell: {
      ring() {
        rings += 1;
      },
    },
    newUuid: randomUUID,
  });
  let on = true;
  const ended = runPollLoop(loop, () => on);
  return {
    loop,
    clock,
    ended,
    rings: () => rings,
    /** Rings and waits, in turns of the event loop, until the condition holds. */
    async until(condition: () => boolean) {
      mailbox.ring();
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    },
    /** Rings, and lets everything happen that needs no time. */
    async settle() {
      mailbox.ring();
      await clock.advance(0);
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    },
    async stop() {
      on = false;
      mailbox.ring();
      await ended;
    },
  };
}

export type TestLoop = Awaited<ReturnType<typeof startLoop>>;
