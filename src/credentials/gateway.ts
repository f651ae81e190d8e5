import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { outliveErrors } from '../server-errors.js';
import { createDenialRecorder, type EgressDenial } from './gateway/denials.js';
import { defaultLimits, type EgressLimits } from './gateway/limits.js';
import { type Network, systemNetwork } from './gateway/network.js';
import { createSessionServer, type SessionServer } from './gateway/server.js';
import type { Egress, EgressSession, SessionConfig } from './gateway/session.js';
import { listenOn, removeSocket, socketIsSound } from './gateway/socket.js';
import { createUpstreamClient } from './gateway/upstream.js';
import type { RunDirs } from './run-dir.js';
import type { CredentialProvider, EgressGateway } from './types.js';

export type { EgressDenial } from './gateway/denials.js';

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
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(sessionId: string, act: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(sessionId) ?? Promise.resolve()).then(act, act);
    turns.set(sessionId, turn);
    const done = () => {
      if (turns.get(sessionId) === turn) turns.delete(sessionId);
    };
    turn.then(done, done);
    return turn;
  };

  const open = async (config: SessionConfig) => {
    const runDir = deps.runDirs.prepare(config.sessionId);
    const door = doors.get(config.sessionId);
    if (door) door.session.config = config;
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
    open: (config) => inTurn(config.sessionId, () => open(config)),
    close: (sessionId) => inTurn(sessionId, () => close(sessionId)),
    async stop() {
      await Promise.allSettled(turns.values());
      await Promise.all([...doors.values()].map(({ server }) => server.shut()));
      doors.clear();
      egress.upstream.close();
    },
  };
}

function newSession(config: SessionConfig, { limits, clock }: Egress): EgressSession {
  return {
    config,
    modelRequests: 0,
    bodies: { held: 0, max: limits.bodiesHeld },
    tunnels: 0,
    pace: { tokens: limits.requestBurst, at: clock.monotonic() },
    tunnelBytes: { windowStart: clock.monotonic(), used: 0 },
  };
}
