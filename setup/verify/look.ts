import { existsSync } from 'node:fs';
import { listAgentGroups } from '../../src/db/agent-groups.js';
import { type CentralDb, openCentralDb } from '../../src/db/central.js';
import { listMessagingGroups } from '../../src/db/messaging-groups.js';
import { listWiredAgents } from '../../src/db/wirings.js';
import { codeOf, reasonOf, WharfieError } from '../../src/errors.js';
import { hostState } from '../../src/host-state.js';
import { readStatus } from '../../src/status.js';
import { type BarrelLine, barrelStates } from '../channel/barrel.js';
import { dockerState } from '../lib/docker-state.js';
import { configurationOf } from '../lib/installation.js';
import type { Fields, StepContext } from '../lib/step.js';
import { judgeBacklog } from './backlog.js';
import { judgeChannel } from './channels.js';
import { checkCredentials } from './credentials.js';
import { gatherChannels, unknownChannels } from './gather-channels.js';
import { gatherInstallation } from './gather-installation.js';
import { gatherMachine } from './gather-machine.js';
import { gatherWebhooks } from './gather-webhooks.js';
import { gatherWiring } from './gather-wiring.js';
import { judgeInstallation } from './installation.js';
import { judgeMachine } from './machine.js';
import { runLive } from './run-live.js';
import type { Finding, LookOptions, Problem } from './types.js';
import { judgeWebhooks } from './webhooks.js';
import { judgeWiring } from './wiring.js';

/** Every layer from the machine to the chat; a broken lower one does not keep the upper ones from being looked at. */
export async function look(
  context: StepContext,
  options: LookOptions,
): Promise<{ findings: Finding[]; fields: Fields }> {
  const { config, env } = configurationOf(context);
  const opened = openDatabase(config.paths.centralDb);
  try {
    const { db } = opened;
    const wired = db ? wiredChats(db) : [];
    const platformChats = wired.filter((chat) => chat.channelType !== 'cli').length;
    const claude = wired.some((chat) => chat.providers.includes('claude'));
    const barrel = readBarrel(context.root);
    const enabled = barrel.lines.filter((line) => line.enabled).length;
    const docker = await dockerState(context.env, config.dockerSocket);
    const host = await hostState(config.paths.data);
    const { offline, only } = options;
    const below = [
      ...judgeMachine(
        await gatherMachine(context, { paths: config.paths, docker, needsDocker: claude, offline }),
      ),
      ...judgeInstallation(
        await gatherInstallation(context, {
          config,
          db,
          databaseProblem: opened.problem,
          barrel: barrel.problem,
          docker,
          needsImage: claude,
          hostRunning: host.running,
          platformChats,
        }),
      ),
      ...(await checkCredentials(context, { env, needed: claude, offline })),
    ];
    const webhooks = judgeWebhooks(
      await gatherWebhooks({
        config,
        lines: barrel.lines,
        env: { ...env.read(), ...context.env },
        wired,
        hostRunning: host.running,
        offline,
        only,
      }),
    );
    // Before the round trip: what the host does meanwhile is not what was found.
    const wiring = db
      ? judgeWiring(gatherWiring(db, config, { now: context.clock.now(), enabledChannels: enabled, only }))
      : [];
    const status = db && readStatus(db, config.paths, context.clock.now());
    const backlog = status
      ? judgeBacklog({ ...status, oldestWaitingMs: ageOf(status.waitingSince, context) })
      : [];
    const live = await runLive(context, {
      config,
      env,
      db,
      docker,
      hostRunning: host.running,
      options,
      below,
    });
    const channels = await gatherChannels(context, {
      db,
      lines: barrel.lines,
      env: { ...env.read(), ...context.env },
      health: live.health,
      offline,
      only,
    });
    const findings = [
      ...below,
      ...unknownChannels(barrel.lines),
      ...channels.flatMap(judgeChannel).filter((one) => db !== null || one.id !== 'channel-not-wired'),
      ...webhooks,
      ...wiring,
      ...live.findings,
      ...backlog,
    ];
    const groups = db ? listAgentGroups(db).length : 0;
    return {
      findings,
      fields: {
        AGENT_GROUPS: groups,
        WIRED: wired.length,
        HOST: host.running ? 'running' : 'stopped',
        ...live.fields,
      },
    };
  } finally {
    opened.db?.close();
  }
}

function openDatabase(file: string): { db: CentralDb | null; problem: Problem | null } {
  if (!existsSync(file)) return { db: null, problem: null };
  try {
    const db = openCentralDb(file);
    const damage = db.pragma('quick_check(1)', { simple: true });
    if (damage === 'ok') return { db, problem: null };
    db.close();
    return { db: null, problem: damaged(String(damage)) };
  } catch (error) {
    if (error instanceof WharfieError) return { db: null, problem: error };
    const code = codeOf(error);
    if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return { db: null, problem: damaged(reasonOf(error)) };
    // It may be as whole as ever: nobody is told to move it away.
    if (code.startsWith('SQLITE_')) return { db: null, problem: unusable(reasonOf(error)) };
    throw error;
  }
}

function damaged(why: string): Problem {
  return {
    code: 'database-damaged',
    message: `data/v2.db cannot be used: ${why.slice(0, 200)}`,
    fix: 'Restore it from a backup; where there is none, move it away and register the chats again.',
  };
}

function unusable(why: string): Problem {
  return {
    code: 'database-unusable',
    message: `data/v2.db cannot be used now: ${why.slice(0, 200)}`,
    fix: 'Make data/ and what is in it writable for this user, and free disk space where there is none; then check again.',
  };
}

function wiredChats(db: CentralDb): { channelType: string; providers: string[] }[] {
  return listMessagingGroups(db)
    .filter((chat) => chat.wired)
    .map(({ id, channelType }) => ({
      channelType,
      providers: listWiredAgents(db, id).usable.map(({ agentGroup }) => agentGroup.agentProvider),
    }));
}

function readBarrel(root: string): { lines: BarrelLine[]; problem: Problem | null } {
  try {
    return { lines: barrelStates(root), problem: null };
  } catch (error) {
    if (error instanceof WharfieError) return { lines: [], problem: error };
    throw error;
  }
}

function ageOf(since: number | null, { clock }: StepContext): number | null {
  return since === null ? null : clock.now() - since;
}
