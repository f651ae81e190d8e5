import { z } from 'zod';
import type { Bell } from './bell.ts';
import type { Clock } from './clock.ts';
import { createCrashPoint } from './crash-point.ts';
import { openInbound, openOutbound } from './db/connection.ts';
import type { OpenSqlite } from './db/driver.ts';
import { createInbound, type Inbound } from './db/messages-in.ts';
import { createRecall, createSeqOf } from './db/reply-to.ts';
import { createStore } from './db/store.ts';
import type { RunnerEnv } from './env.ts';
import { newId } from './ids.ts';
import type { Log } from './log.ts';
import type { Mailbox } from './mailbox.ts';
import { allTools } from './mcp-tools/index.ts';
import type { PathMap, RunnerPaths } from './paths.ts';
import { createLoop, type Heard, type Loop } from './poll-loop/context.ts';
import { createToolContext } from './poll-loop/tool-context.ts';
import type { AgentProvider } from './providers/types.ts';
import { buildSystemPrompt } from './system-prompt.ts';

export interface BuildDeps {
  env: RunnerEnv;
  provider: AgentProvider;
  map: PathMap;
  paths: RunnerPaths;
  open: OpenSqlite;
  mailbox: Mailbox<Heard>;
  log: Log;
  bell: Bell;
  clock: Clock;
  newUuid: () => string;
}

/** Puts the runner together: files, tools, provider, loop. */
export function buildLoop(deps: BuildDeps): Loop {
  const { env, paths, mailbox, log, clock } = deps;
  const inbound = createInbound(openInbound(deps.open, paths.inbound));
  const outboundDb = openOutbound(deps.open, paths.outbound);
  const store = createStore(outboundDb, { incarnation: env.incarnation, clock, newId });
  return createLoop({
    inbound,
    store,
    provider: deps.provider,
    mailbox,
    clock,
    newId,
    newUuid: deps.newUuid,
    crash: createCrashPoint(env.crashAt, env.incarnation),
    log,
    prompt: {
      timeZone: env.timeZone,
      seqOf: createSeqOf(inbound, store.outbox),
      recall: createRecall(inbound, store.outbox),
    },
    systemPrompt: () => systemPrompt(deps, inbound),
    ring: deps.bell.ring,
    createTools: (loop) =>
      allTools(createToolContext(loop, { map: deps.map, filesOut: paths.filesOut, timeZone: env.timeZone })),
  });
}

const destinationSchema = z.object({ name: z.string() });

function systemPrompt({ env, paths }: BuildDeps, inbound: Inbound): string {
  return buildSystemPrompt({
    assistantName: env.assistantName,
    timeZone: env.timeZone,
    destinations: inbound.rows('destinations', destinationSchema),
    folders: { global: paths.global, agent: paths.agent },
  });
}
