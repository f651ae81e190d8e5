import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { Clock } from '../../clock.js';

const SYSTEM_SOCKET = '/var/run/docker.sock';

/** A call that takes longer hangs; streams (attach, events, build) have no limit once they have begun. */
const CALL_TIMEOUT_MS = 60_000;

/** One engine, through a client with a limit for each call and one without. */
export interface DockerClients {
  socketPath: string;
  calls: Docker;
  streams: Docker;
}

/**
 * The path of the engine's socket: `DOCKER_HOST` where it is set, else the system's, else the one of a rootless engine
 * of this user. A `DOCKER_HOST` on another machine comes back as it is: `check` refuses it with a sentence.
 */
export function dockerSocket(env: { DOCKER_HOST?: string; XDG_RUNTIME_DIR?: string }): string {
  const { DOCKER_HOST: host, XDG_RUNTIME_DIR: runtimeDir } = env;
  if (host) return host.replace(/^unix:\/\//, '');
  const rootless = runtimeDir ? join(runtimeDir, 'docker.sock') : SYSTEM_SOCKET;
  return existsSync(SYSTEM_SOCKET) || !existsSync(rootless) ? SYSTEM_SOCKET : rootless;
}

export function connectDocker(socketPath: string): DockerClients {
  return {
    socketPath,
    calls: new Docker({ socketPath, timeout: CALL_TIMEOUT_MS }),
    streams: new Docker({ socketPath }),
  };
}

/** Asks for a stream, which may last; that it begins takes no longer than a call. */
export async function begun<T>(clock: Clock, ask: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = clock.after(CALL_TIMEOUT_MS, () => late.abort());
  try {
    return await ask(late.signal);
  } finally {
    timer.cancel();
  }
}
