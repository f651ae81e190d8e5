import { homedir } from 'node:os';
import { createContainerRunner } from '../container-runner.js';
import { createEgressGateway } from '../credentials/gateway.js';
import { probeModelApi } from '../credentials/probe.js';
import { createCredentialProvider } from '../credentials/provider.js';
import { createRunDirs, runDirRoots } from '../credentials/run-dir.js';
import { addAudit } from '../db/audit.js';
import { engineName } from '../engine/names.js';
import { createExtraMounts, mountRules } from '../mounts.js';
import { createOutboundReader } from '../outbound-reader/client.js';
import { createSessionDisk } from '../session-disk.js';
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
      rules: () => mountRules(homedir(), config.paths),
      onRefused: (agentGroup, error) =>
        log.warn({ folder: agentGroup.folder, code: error.code, fix: error.fix }, error.message),
    }),
  });
  return { sessions, disk, reader, credentials, gateway, engines, runner };
}

export type HostContainers = ReturnType<typeof createContainers>;
