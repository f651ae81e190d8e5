import { createKeyedQueue } from '../async/keyed-queue.js';
import { createTokenBucket, createUsageWindow } from '../async/rate-limit.js';
import type { Clock } from '../clock.js';
import type { CredentialProvider, EgressGateway } from '../credentials/types.js';
import type { Log } from '../log/index.js';
import { outliveErrors } from '../log/server-errors.js';
import { createDenialRecorder, type EgressDenial } from './denials.js';
import { defaultLimits, type EgressLimits } from './limits.js';
import { type Network, systemNetwork } from './network.js';
import { isStillAllowed } from './policy.js';
import type { RunDirs } from './run-dir.js';
import { createSessionServer, type SessionServer } from './server.js';
import type { Egress, EgressSession, SessionConfig } from './session.js';
import { listenOn, removeSocket, socketIsSound } from './socket.js';
import { createUpstreamClient } from './upstream.js';

export type { EgressDenial } from './denials.js';

const HOUR_MS = 3_600_000;

export interface EgressGatewayDeps {
  credentials: CredentialProvider;
  runDirs: RunDirs;
  /** Stores a refusal; the id and the time are added there. */
  audit(row: EgressDenial): void;
  clock: Clock;
  log: Log;
  network?: Network;
  limits?: Partial<EgressLimits>;
}

interface Door {
  session: EgressSession;
  server: SessionServer;
  runDir: string;
}

/**
 * One unix socket a session: which socket a request comes through tells whose it is, without any token. Opening an
 * open session puts its new policy in force for requests from now on. Throws a RunDirError.
 */
export function createEgressGateway(deps: EgressGatewayDeps): EgressGateway {
  const { credentials, clock, log } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const egress: Egress = {
    credentials,
    clock,
    log,
    upstream: createUpstreamClient({ clock, timeoutMs: limits.connectTimeout }),
    network: deps.network ?? systemNetwork,
    denials: createDenialRecorder(deps),
    limits,
  };
  const doors = new Map<string, Door>();
  // Opening and closing the same door take turns; sessions do not wait for each other.
  const turns = createKeyedQueue();

  const open = async (config: SessionConfig) => {
    const runDir = deps.runDirs.prepare(config.sessionId);
    const door = doors.get(config.sessionId);
    if (door) {
      door.session.config = config;
      endRefused(egress, door.session);
    }
    if (door?.runDir === runDir && socketIsSound(runDir, config.owner)) return { runDir };
    const session = door?.session ?? newSession(config, egress);
    const server = createSessionServer(egress, session);
    await listenOn(server.http, runDir, config.owner);
    outliveErrors(server.http, log, 'egress');
    doors.set(config.sessionId, { session, server, runDir });
    await door?.server.shut();
    return { runDir };
  };
  const close = async (sessionId: string) => {
    const door = doors.get(sessionId);
    doors.delete(sessionId);
    if (!door) return;
    removeSocket(door.runDir);
    await door.server.shut();
  };

  return {
    open: (config) => turns.run(config.sessionId, () => open(config)),
    close: (sessionId) => turns.run(sessionId, () => close(sessionId)),
    async stop() {
      await turns.idle();
      await Promise.all([...doors.values()].map(({ server }) => server.shut()));
      doors.clear();
      egress.upstream.close();
    },
  };
}

/** Ends the tunnels that the policy in force would not open. */
function endRefused({ denials }: Egress, { config, openTunnels }: EgressSession): void {
  const { sessionId: session, egress: policy, agent } = config;
  for (const { destination, cut } of [...openTunnels]) {
    if (isStillAllowed(policy, destination)) continue;
    const subject = `CONNECT ${destination.host}:${destination.port}`;
    denials.record({ session, agent: agent.identifier, reason: 'egress-tightened', subject });
    cut();
  }
}

function newSession(config: SessionConfig, { limits, clock }: Egress): EgressSession {
  return {
    config,
    modelRequests: 0,
    bodies: { held: 0, max: limits.bodiesHeld },
    tunnels: 0,
    openTunnels: new Set(),
    pace: createTokenBucket(clock, { perSecond: limits.requestsPerSecond, burst: limits.requestBurst }),
    tunnelBytes: createUsageWindow(clock, { ms: HOUR_MS, max: limits.tunnelBytesPerHour }),
  };
}
