import { readFileSync } from 'node:fs';
import { PROVIDER_NAME } from '../../src/credentials/index.js';
import { modelAddress } from '../../src/credentials/model-env.js';
import { sortAgentGroups } from '../../src/db/central/bad-rows.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { listMessagingGroups } from '../../src/db/central/messaging-groups.js';
import { listWiredAgents } from '../../src/db/central/wirings.js';
import { WharfieError } from '../../src/errors.js';
import { hostState } from '../../src/host/state.js';
import { readStatus } from '../../src/host/status.js';
import { type BarrelLine, barrelStates } from '../channel/barrel.js';
import { dockerState } from '../lib/docker-state.js';
import type { Fields, StepContext } from '../lib/step.js';
import { findServices } from '../service/here.js';
import { readJournal } from '../update/journal.js';
import { judgeBacklog } from './backlog.js';
import { judgeChannel } from './channels.js';
import { checkCredentials } from './credentials.js';
import type { OpenedDatabase } from './database.js';
import { judgeEnvLines, judgeExtraAuthorities } from './env-lines.js';
import { gatherChannels, unknownChannels } from './gather-channels.js';
import { gatherInstallation } from './gather-installation.js';
import { gatherMachine } from './gather-machine.js';
import { gatherRisks } from './gather-risks.js';
import { gatherWebhooks } from './gather-webhooks.js';
import { gatherWiring } from './gather-wiring.js';
import { type Ground, judgeEnvText } from './ground.js';
import { judgeHearers } from './hearers.js';
import { gatherHost, judgeHost } from './host-about.js';
import { judgeInstallation } from './installation.js';
import { judgeMachine } from './machine.js';
import { judgeModels } from './models.js';
import { createParts } from './parts.js';
import { judgeProxies, type ProxyResult } from './proxies.js';
import { restartOf } from './restart.js';
import { judgeRisks } from './risks.js';
import { runLive } from './run-live.js';
import { gatherServices, judgeServices } from './service.js';
import { judgeTriggers } from './triggers.js';
import type { Finding, LookOptions, Problem } from './types.js';
import { judgeWebhooks } from './webhooks.js';
import { judgeWiring } from './wiring.js';

/**
 * Every layer from the machine to the chat, each by itself: neither a broken lower one nor one that throws keeps the
 * others from being looked at. The database stays open, so that what was found in it can be repaired.
 */
export async function look(
  context: StepContext,
  options: LookOptions,
  { config, env, findings: ground, opened }: Ground & { opened: OpenedDatabase },
): Promise<{ findings: Finding[]; fields: Fields }> {
  const { db } = opened;
  const { offline, only } = options;
  const parts = createParts(context);
  const wired = await parts.look('Which chats are wired', 'wiring', () => (db ? wiredChats(db) : []), []);
  const platformChats = wired.filter((chat) => chat.channelType !== 'cli').length;
  const claude = wired.some((chat) => chat.providers.includes('claude'));
  const barrel = readBarrel(context.root);
  const enabled = barrel.lines.filter((line) => line.enabled).length;
  const docker = await dockerState(context.env, config.dockerSocket);
  const host = await hostState(config.paths.data);
  const values = { ...env.read(), ...context.env };
  const found = await parts.look('The service', 'installation', () => findServices(context), null);
  const named = found?.services ?? [];
  const restart = await parts.look('The service', 'installation', () => restartOf(context, named), {
    fix: './wharfie service',
    possible: false,
  });
  const proxies = await parts.look(
    'The proxies',
    'channels',
    () => judgeProxies(proxyInput(context, { env, model: claude, lines: barrel.lines, offline })),
    NO_PROXIES,
  );
  const modelOffline = offline || proxies.keptAway.has('model');
  const machine = await parts.look(
    'The machine',
    'machine',
    async () =>
      judgeMachine(
        await gatherMachine(context, { config, env, docker, needsDocker: claude, offline: modelOffline }),
      ),
    [],
  );
  const installation = await parts.look(
    'The installation',
    'installation',
    async () =>
      judgeInstallation(
        await gatherInstallation(context, {
          config,
          db,
          databaseProblem: opened.problem,
          barrel: barrel.problem,
          docker,
          needsImage: claude,
          hostRunning: host.running,
          platformChats,
          services: found,
        }),
      ),
    [],
  );
  const credentials = await parts.look(
    'The credentials',
    'credentials',
    () => checkCredentials(context, { env, needed: claude, offline: modelOffline }),
    [],
  );
  const services = await parts.look(
    'The service',
    'installation',
    async () => judgeServices(await gatherServices(context, named, host.running)),
    [],
  );
  const below = [
    ...ground,
    ...envText(context, config.paths),
    ...judgeExtraAuthorities(context.env),
    ...machine,
    ...installation,
    ...proxies.findings,
    ...credentials,
  ];
  const webhooks = await parts.look(
    'Where platforms call',
    'channels',
    async () =>
      judgeWebhooks(
        await gatherWebhooks({
          ...{ config, lines: barrel.lines, env: values, wired, hostRunning: host.running, offline, only },
        }),
      ),
    [],
  );
  // Before the round trip: what the host does meanwhile is not what was found.
  const now = context.clock.now();
  const wiring = await parts.look(
    'The wiring',
    'wiring',
    () => (db ? judgeWiring(gatherWiring(db, config, { now, enabledChannels: enabled, only })) : []),
    [],
  );
  const people = await parts.look(
    'Who is heard',
    'wiring',
    () => (db ? [...judgeHearers(db, only), ...judgeTriggers(db, only)] : []),
    [],
  );
  const askable = !modelOffline && claude && !credentials.some((one) => one.severity === 'error');
  const models = await parts.look(
    'The models',
    'wiring',
    () => (db && askable ? judgeModels(context, { db, env }) : []),
    [],
  );
  const risks = await parts.look(
    'What is risky',
    'wiring',
    async () => (db ? judgeRisks(await gatherRisks(db, config, now)) : []),
    [],
  );
  const backlog = await parts.look(
    'What waits',
    'backlog',
    () => (db ? backlogOf(db, config.paths, now) : []),
    [],
  );
  const known = { config, env, db, docker, hostRunning: host.running, options, below };
  const live = await runLive(context, known);
  const about = await parts.look(
    'The host',
    'installation',
    () =>
      host.running && live.asked
        ? judgeHost(
            gatherHost(live.about, { root: context.root, config, env: env.read(), restart: restart.fix }),
          )
        : [],
    [],
  );
  const channels = await parts.look(
    'The channels',
    'channels',
    async () => {
      const { lines } = barrel;
      const { keptAway } = proxies;
      const given = {
        db,
        lines,
        env: values,
        health: live.health,
        restart: restart.fix,
        offline,
        only,
        keptAway,
      };
      return (await gatherChannels(context, given)).flatMap(judgeChannel);
    },
    [],
  );
  const findings = [
    ...below,
    ...services,
    ...about,
    ...unknownChannels(barrel.lines),
    ...channels.filter((one) => db !== null || one.id !== 'channel-not-wired'),
    ...webhooks,
    ...wiring,
    ...people,
    ...models,
    ...risks,
    ...live.findings,
    ...backlog,
    ...parts.findings,
  ];
  // What the ground lacks every part meets; it is said once, and better.
  const told = once(findings).filter(
    (one) => ground.includes(one) || !ground.some(({ id }) => id === one.id),
  );
  return {
    findings: await parts.look('The update', 'installation', () => gently(told, config.paths.data), told),
    fields: {
      AGENT_GROUPS: db ? await parts.look('Agent groups', 'wiring', () => countGroups(db), 0) : 0,
      WIRED: wired.length,
      HOST: host.running ? 'running' : 'stopped',
      ...live.fields,
    },
  };
}

const NO_PROXIES: ProxyResult = { findings: [], keptAway: new Set() };

/** Lies in what this installation is set to, whatever its version. */
const OF_STATE = new Set(['chat-hears-nobody', 'credential-malformed', 'model-unknown', 'proxy-refuses']);

/** An update is undone for an error that was not there before it; the version before has no word for some that were. */
function gently(findings: readonly Finding[], dataDir: string): Finding[] {
  const updating = readJournal(dataDir)?.phase === 'verifying';
  return findings.map((one) => (updating && OF_STATE.has(one.id) ? { ...one, severity: 'warning' } : one));
}

function proxyInput(
  { env: environment, clock }: StepContext,
  {
    env,
    model,
    lines,
    offline,
  }: { env: Ground['env']; model: boolean; lines: readonly BarrelLine[]; offline: boolean },
): Parameters<typeof judgeProxies>[0] {
  const file = env.read();
  const address = modelAddress(file, environment, '');
  // OneCLI is a proxy itself, and asked about where the credentials are.
  const direct = { ...file, ...environment }[PROVIDER_NAME] !== 'onecli' && !(address instanceof Error);
  const enabled = lines.filter((line) => line.enabled).map(({ type }) => type);
  return { ...{ file, environment, enabled, offline, clock }, model: model && direct ? address.href : null };
}

function envText(context: StepContext, { envFile, data }: { envFile: string; data: string }): Finding[] {
  try {
    const text = readFileSync(envFile, 'utf8');
    const broken = judgeEnvText(text);
    // Where a quote is open, which lines there are is not known.
    return broken.length > 0 ? broken : judgeEnvLines(context, { text, envFile, dataDir: data });
  } catch {
    // Whether it can be read at all is looked at elsewhere.
    return [];
  }
}

/** Two parts may meet the same cause. */
function once(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ id, message }) => {
    const key = `${id} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

function backlogOf(db: CentralDb, paths: { sessions: string }, now: number): Finding[] {
  const status = readStatus(db, paths, now);
  const { waitingSince } = status;
  return judgeBacklog({ ...status, oldestWaitingMs: waitingSince === null ? null : now - waitingSince });
}

function countGroups(db: CentralDb): number {
  const { usable, bad } = sortAgentGroups(db);
  return usable.length + bad.length;
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
