import { Console } from 'node:console';
import { randomUUID } from 'node:crypto';
import { createBell, listenForRings } from './bell.ts';
import { buildLoop } from './build-loop.ts';
import { systemClock } from './clock.ts';
import { openOutbound } from './db/connection.ts';
import { loadSqlite } from './db/driver.ts';
import { parseEnv, type RunnerEnv } from './env.ts';
import { reasonOf } from './errors.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createLog, type Log } from './log.ts';
import { createMailbox } from './mailbox.ts';
import { pruneFiles } from './mcp-tools/prune-files.ts';
import { createPathMap, requireWritable, runnerPaths } from './paths.ts';
import type { Heard } from './poll-loop/context.ts';
import { runPollLoop } from './poll-loop.ts';
import { startProvider } from './providers/start.ts';
import { placeStubs } from './stubs.ts';

// Standard output is the bell: whatever a library prints there would ring it.
globalThis.console = new Console(process.stderr, process.stderr);

async function main(env: RunnerEnv, log: Log): Promise<void> {
  const map = createPathMap(env.mounts);
  const paths = runnerPaths(map);
  const open = loadSqlite();
  if (env.mode === 'recover') {
    openOutbound(open, paths.outbound).close();
    log.info({}, 'recovered');
    return;
  }
  const mailbox = createMailbox<Heard>(systemClock);
  listenForRings(process.stdin, mailbox.ring, () => {
    // A plain process must not outlive its host; a container is attached to again.
    if (env.mounts !== null) process.exit(0);
  });
  requireWritable([paths.outbound, paths.journal, paths.out, paths.agent, env.home]);
  placeStubs(env.stubs, log);
  startHeartbeat(paths.heartbeat, systemClock);
  pruneFiles(paths.filesOut, systemClock.now());
  const loop = buildLoop({
    env,
    provider: await startProvider({ env, paths, log, clock: systemClock }),
    map,
    paths,
    open,
    mailbox,
    clock: systemClock,
    log,
    bell: createBell(1),
    newUuid: randomUUID,
  });
  log.info({ provider: env.provider }, 'runner ready');
  await runPollLoop(loop);
}

const started = createLog((line) => process.stderr.write(line), systemClock, {});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
try {
  const env = parseEnv(process.env);
  const log = createLog((line) => process.stderr.write(line), systemClock, {
    session: env.sessionId,
    incarnation: env.incarnation,
  });
  await main(env, log);
  process.exit(0);
} catch (error) {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  started.error(
    { code, reason: reasonOf(error), stack: error instanceof Error ? error.stack : undefined },
    'runner ends',
  );
  process.exit(1);
}
