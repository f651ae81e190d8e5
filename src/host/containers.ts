import { homedir } from 'node:os';
import { join } from 'node:path';
import { createContainerRunner } from '../container-runner.js';
import { createCredentialProvider } from '../credentials/index.js';
import { probeModelApi } from '../credentials/probe.js';
import { addAudit } from '../db/central/audit.js';
import { createEgressGateway } from '../egress/index.js';
import { createRunDirs, rememberRoot, runDirRoots } from '../egress/run-dir.js';
import { engineName } from '../engine/names.js';
import { createExtraMounts, mountRules, writableFolders } from '../mounts/index.js';
import { createOutboundReader } from '../outbound-reader/index.js';
import { createSessionDisk } from '../session-manager/disk.js';
import { createSessionManager } from '../session-manager.js';
import type { HostBase } from './base.js';
import { createEngines } from './engines.js';

/** Sessions, and everything that a container of one needs: its engine, its door to the outside, its credential. */
export function createContainers(base: HostBase, onDue: (sessionId: string, dueAt: number | null) => void) {
  const { config, env, log, clock, random, crashPoint, db } = base;
  const sessions = createSessionManager({
    ...{ db, clock, log, onDue },
    paths: config.paths,
    onStuck: (sessionId) => void runner.stop(sessionId, 'lock-held', 0),
  });
  const disk = createSessionDisk({ sessions, sessionsDir: config.paths.sessions });
  const reader =
    base.replaced.reader ?? createOutboundReader({ sessionsDir: config.paths.sessions, clock, log });
  const credentials = createCredentialProvider({
    envFile: env,
    fallback: process.env,
    ...{ clock, log },
    probe: (upstream) => probeModelApi(clock, upstream),
  });
  const gateway = createEgressGateway({
    ...{ credentials, clock, log },
    runDirs: createRunDirs({
      installation: config.installationId,
      roots: runDirRoots(process.env, homedir(), process.getuid?.() ?? 0),
      remembered: rememberRoot(join(config.paths.data, 'run-root')),
    }),
    audit: (row) => addAudit(db, row, clock.now()),
  });
  const { engines, ownerFor } = createEngines(base);
  const runner = createContainerRunner({
    ...{ sessions, engines, credentials, gateway, disk, ownerFor, clock, log, random, crashPoint },
    central: db,
    capacity: config.maxContainers,
    nameOf: (sessionId) => engineName(config.installationId, sessionId),
    defaults: {
      image: config.image,
      timeZone: config.timeZone,
      runnerCrashAt: process.env.WHARFIE_RUNNER_CRASH_AT,
    },
    extraMounts: createExtraMounts({
      rules: () => mountRules(homedir(), config.paths, writableFolders(db)),
      onRefused: (agentGroup, error) =>
        log.warn({ folder: agentGroup.folder, code: error.code, fix: error.fix }, error.message),
    }),
  });
  return { sessions, disk, reader, credentials, gateway, engines, runner };
}

export type HostContainers = ReturnType<typeof createContainers>;
