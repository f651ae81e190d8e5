import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { buildLoop } from '../../../container/agent-runner/src/build-loop.ts';
import { openOutbound } from '../../../container/agent-runner/src/db/connection.ts';
import { loadSqlite, type OpenSqlite } from '../../../container/agent-runner/src/db/driver.ts';
import { parseEnv } from '../../../container/agent-runner/src/env.ts';
import { startHeartbeat } from '../../../container/agent-runner/src/heartbeat.ts';
import { silentLog } from '../../../container/agent-runner/src/log.ts';
import { createMailbox } from '../../../container/agent-runner/src/mailbox.ts';
import { createPathMap, runnerPaths } from '../../../container/agent-runner/src/paths.ts';
import type { Heard } from '../../../container/agent-runner/src/poll-loop/context.ts';
import { runPollLoop } from '../../../container/agent-runner/src/poll-loop.ts';
import { createMockProvider } from '../../../container/agent-runner/src/providers/mock.ts';
import type { Clock } from '../../../src/clock.js';
import type { FakeProgram } from '../../../src/engine/fake/index.js';
import { processEnvironment } from '../../../src/engine/process/environment.js';

/** The real agent-runner with the mock as a fake container's program, on a clock of the test's. */
export function createRunnerProgram(clock: Clock): FakeProgram {
  return (container) => {
    const env = parseEnv(processEnvironment(container.spec));
    const map = createPathMap(env.mounts);
    const paths = runnerPaths(map);
    const { open, closeAll } = createHandles();
    if (env.mode === 'recover') {
      openOutbound(open, paths.outbound);
      closeAll();
      container.exit();
      return;
    }
    const mailbox = createMailbox<Heard>(clock);
    const heartbeat = startHeartbeat(paths.heartbeat, clock);
    const loop = buildLoop({
      ...{ env, map, paths, open, mailbox, clock },
      provider: createMockProvider({ clock, transcriptFile: join(env.home, 'mock-transcript.jsonl') }),
      log: silentLog,
      bell: { ring: () => container.ring() },
      newUuid: randomUUID,
    });
    let goesOn = true;
    container.onRing(mailbox.ring);
    container.onStop(() => {
      goesOn = false;
      mailbox.ring();
    });
    const end = (exitCode: number) => {
      heartbeat.stop();
      closeAll();
      container.exit({ exitCode });
    };
    runPollLoop(loop, () => goesOn && container.running).then(
      () => end(0),
      (error: unknown) => {
        container.log(String(error));
        end(1);
      },
    );
  };
}

/** A process that ends takes its handles with it; here they are closed by hand. */
function createHandles(): { open: OpenSqlite; closeAll(): void } {
  const load = loadSqlite();
  const opened: ReturnType<OpenSqlite>[] = [];
  return {
    open(...given) {
      const db = load(...given);
      opened.push(db);
      return db;
    },
    closeAll() {
      for (const db of opened.splice(0)) db.close();
    },
  };
}
