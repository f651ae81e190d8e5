import { homedir } from 'node:os';
import { createActionRegistry, createActions } from './actions/index.js';
import { counterpartOf, isGroupChat, normalizePlatformId } from './channels/catalog.js';
import { createChannelRegistry } from './channels/registry.js';
import { systemClock } from './clock.js';
import { createCommands } from './commands.js';
import type { Config } from './config.js';
import { createContainerRunner } from './container-runner.js';
import { createCrashPoint } from './crash-point.js';
import { createEgressGateway } from './credentials/gateway.js';
import { probeModelApi } from './credentials/probe.js';
import { createRunDirs, runDirRoots } from './credentials/run-dir.js';
import { createStaticProvider } from './credentials/static.js';
import { addAudit } from './db/audit.js';
import { openCentralDb } from './db/central.js';
import { listCursors } from './db/messaging-groups.js';
import { createDelivery } from './delivery.js';
import { createDeliveryRequests } from './delivery-requests.js';
import { engineName } from './engine/names.js';
import type { EnvFile } from './env-file.js';
import { createAttachmentStore } from './files/attachments.js';
import { readFileNoFollow } from './files/no-follow.js';
import { createBlockedNotices } from './host/blocked.js';
import { watchCentral } from './host/central-watch.js';
import { createAdapters } from './host/channels.js';
import { createEngines } from './host/engines.js';
import { createOperator } from './host/operator.js';
import { sayAtOnce } from './host/say.js';
import { createTellOwner } from './host/tell-owner.js';
import { createTyping } from './host/typing.js';
import { createHostSweep, type HostSweep } from './host-sweep.js';
import { ensureLocalChat, missingForClaude, welcomeLines } from './local-chat.js';
import type { Log } from './log.js';
import { createExtraMounts, mountRules } from './mounts.js';
import { createOutboundReader } from './outbound-reader/client.js';
import { createPairings } from './pairing.js';
import { createQuestions } from './questions.js';
import { prepareAgentFolder } from './registration/agent-folder.js';
import { createRegistration } from './registration.js';
import { createRouter } from './router.js';
import { createSessionDisk } from './session-disk.js';
import { createSessionManager } from './session-manager.js';
import { createTasks } from './tasks.js';

export interface Host {
  /** Stops intake, finishes what is on its way (10 s), lets go of containers: they go on and are taken up again. */
  stop(): Promise<void>;
}

const DELIVERY_GRACE_MS = 10_000;

/** Builds every part, hands each what it needs, and starts them. The caller holds the host lock. */
export async function startHost({
  config,
  env,
  log,
}: {
  config: Config;
  env: EnvFile;
  log: Log;
}): Promise<Host> {
  const clock = systemClock;
  const random = Math.random;
  const db = openCentralDb(config.paths.centralDb);
  const crashPoint = createCrashPoint(process.env.WHARFIE_CRASH_AT);
  const tasks = createTasks({ timeZone: config.timeZone, log, crashPoint });

  // Three parts need each other in a ring: these two are bound below, before anything runs.
  let runner: ReturnType<typeof createContainerRunner>;
  let sweep: HostSweep;
  const sessions = createSessionManager({
    db,
    paths: config.paths,
    clock,
    log,
    onStuck: (sessionId) => void runner.stop(sessionId, 'lock-held', 0),
    onDue: (sessionId, dueAt) => sweep.dueChanged(sessionId, dueAt),
  });
  const disk = createSessionDisk({ sessions, sessionsDir: config.paths.sessions });
  const reader = createOutboundReader({ sessionsDir: config.paths.sessions, clock, log });
  const credentials = createStaticProvider({
    envFile: env,
    fallback: process.env,
    clock,
    probe: (upstream) => probeModelApi(clock, upstream),
  });
  const gateway = createEgressGateway({
    credentials,
    runDirs: createRunDirs({
      installation: config.installationId,
      roots: runDirRoots(process.env, homedir(), process.getuid?.() ?? 0),
    }),
    audit: (row) => addAudit(db, row, clock.now()),
    clock,
    log,
  });
  const { engines, ownerFor } = createEngines(config, log);
  runner = createContainerRunner({
    central: db,
    sessions,
    engines,
    credentials,
    gateway,
    disk,
    nameOf: (sessionId) => engineName(config.installationId, sessionId),
    defaults: {
      image: config.image,
      timeZone: config.timeZone,
      runnerCrashAt: process.env.WHARFIE_RUNNER_CRASH_AT,
    },
    ownerFor,
    extraMounts: createExtraMounts({
      rules: () => mountRules(homedir(), config.paths),
      onRefused: (agentGroup, error) =>
        log.warn({ folder: agentGroup.folder, code: error.code, fix: error.fix }, error.message),
    }),
    capacity: config.maxContainers,
    clock,
    log,
    random,
    crashPoint,
  });
  const registration = createRegistration({
    db,
    clock,
    normalizePlatformId,
    isGroupChat,
    counterpartOf,
    assistantName: config.assistantName,
    prepareFolder: (agentGroup) => void prepareAgentFolder(config.paths.groups, agentGroup),
  });
  const questions = createQuestions({
    ...{ db, clock, log, sessions, containers: runner },
    notice: (sessionId, notice) => delivery.notice(sessionId, notice),
  });
  const delivery = createDelivery({
    central: db,
    sessions,
    reader,
    channels: { get: (channelType) => registry.get(channelType) },
    containers: runner,
    actions: createActionRegistry(createActions({ timeZone: config.timeZone })),
    tasks,
    questions,
    readFile: readFileNoFollow,
    tellOwner: (news) => tellOwner(news),
    clock,
    random,
    log,
    crashPoint,
  });
  const deliveryRequests = createDeliveryRequests({ db, delivery, log });
  const tellOwner = createTellOwner({ db, log, sessions, notice: delivery.notice });
  const notices = createBlockedNotices({ clock, log, sessions, notice: delivery.notice });
  runner.onRing((sessionId) => {
    notices.unblocked(sessionId);
    void delivery.drain(sessionId);
  });
  runner.onBlocked(notices.blocked);
  sweep = createHostSweep({
    clock,
    log,
    central: db,
    sessions,
    runner,
    drain: delivery.drain,
    tasks,
    questions,
    disk,
    limits: { idleMs: config.idleStopMs, turnMs: config.turnLimitMs },
  });
  runner.onExit(sweep.handleExit);

  const router = createRouter({
    db,
    clock,
    log,
    crashPoint,
    sessionManager: sessions,
    attachments: createAttachmentStore({ clock }),
    containerRunner: runner,
    commands: createCommands({ sessions, reader, delivery, tasks, containers: runner, clock, log }),
    questions,
    pairings: createPairings({ db, clock, registration }),
    say: (to, text) => sayAtOnce(registry, to, text),
  });
  const registry = createChannelRegistry({
    adapters: createAdapters({
      config,
      env,
      log,
      welcome: () => welcomeLines(localAgent, missing),
      settled: { db, clock, sessions, isBlocked: notices.isBlocked },
      operator: createOperator(() => registry),
    }),
    hostFor: (channelType) => ({
      async receive(event) {
        const outcome = await router.routeInbound(event);
        if (outcome.kind === 'routed') outcome.woken.forEach(typing.show);
      },
      cursors: () => listCursors(db, channelType),
      healthChanged() {
        if (registry.get(channelType)?.health().state === 'connected') delivery.channelConnected(channelType);
      },
    }),
    clock,
    random,
    log,
  });

  const typing = createTyping({ clock, log, sessions, runner, channels: registry });
  const [missing] = await Promise.all([
    missingForClaude({ engine: engines.claude, credentials, clock }),
    runner.boot(),
  ]);
  const localAgent = ensureLocalChat({ db, registration, assistantName: config.assistantName, missing });
  // Not waited for: one session that cannot be read just now would keep every channel from starting.
  void sweep.start();
  await router.replayHeld();
  registry.start();
  typing.start();
  void deliveryRequests.apply();
  const watch = watchCentral({
    db,
    clock,
    onChange() {
      void router.replayHeld();
      void deliveryRequests.apply();
    },
  });
  log.info({ installation: config.installationId, channels: registry.status().length }, 'host started');

  return {
    async stop() {
      log.info('host stopping');
      watch.stop();
      typing.stop();
      await router.close();
      sweep.stop();
      await delivery.stop(DELIVERY_GRACE_MS);
      await registry.stop();
      await runner.close();
      await gateway.stop();
      await reader.close();
      await sessions.close();
      db.close();
      log.info('host stopped');
    },
  };
}
