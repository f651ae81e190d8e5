import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'dotenv';
import { identifyEngine } from '../../src/engine/docker/check.js';
import { explain } from '../../src/engine/docker/errors.js';
import { connectDocker, type DockerClients, dockerSocket } from '../../src/engine/docker/index.js';
import type { ContainerIdentity } from '../../src/engine/docker/user.js';
import { EngineError } from '../../src/engine/types.js';

export type DockerState =
  | { state: 'running'; docker: DockerClients; identity: ContainerIdentity }
  /** It answers, or refuses to, but agents cannot use it. */
  | { state: 'running' | 'installed_not_running' | 'not_found'; docker: null; problem: EngineError };

/** Looks for a Docker engine that agents can run on. `socket`: from the configuration, instead of the usual places. */
export async function dockerState(env: NodeJS.ProcessEnv, socket: string | null): Promise<DockerState> {
  const docker = connectDocker(socket ?? dockerSocket(env));
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const host = { platform: process.platform, socketPath: docker.socketPath, uid, gid };
  try {
    return { state: 'running', docker, identity: await identifyEngine(docker.calls, host) };
  } catch (error) {
    const problem = explain(error, '');
    // Somebody listens there who may not be asked, or who is of the wrong kind.
    const answers = problem.code !== 'engine-unreachable' || /may not use/.test(problem.message);
    if (answers) return { state: 'running', docker: null, problem };
    if (onPath('dockerd', env) || onPath('docker', env)) return down(problem);
    return { state: 'not_found', docker: null, problem: notFound() };
  }
}

function down(cause: EngineError): DockerState {
  const fix = 'sudo systemctl start docker (or: sudo service docker start)';
  const problem = new EngineError(
    'docker-not-running',
    'Docker is installed, but its engine does not answer.',
    fix,
    {
      cause,
    },
  );
  return { state: 'installed_not_running', docker: null, problem };
}

function notFound(): EngineError {
  return new EngineError('docker-not-found', 'Docker is not installed.', installation());
}

/** The one command of this system's own package, else where it says how. */
function installation(): string {
  const commands: Record<string, string> = {
    debian: 'sudo apt-get install -y docker.io',
    ubuntu: 'sudo apt-get install -y docker.io',
    fedora: 'sudo dnf install -y moby-engine',
    arch: 'sudo pacman -S --noconfirm docker',
    suse: 'sudo zypper install -y docker',
    alpine: 'sudo apk add docker',
  };
  try {
    const release = parse(readFileSync('/etc/os-release'));
    const ids = [release.ID ?? '', ...(release.ID_LIKE ?? '').split(' ')];
    const known = ids.flatMap((id) => commands[id] ?? [])[0];
    if (known !== undefined) return known;
  } catch {
    // Not a Linux that says which.
  }
  return 'Install it: https://docs.docker.com/engine/install/';
}

function onPath(program: string, env: NodeJS.ProcessEnv): boolean {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
