import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { besideName } from '../../container/image-names.js';
import type { Config } from '../../src/config.js';
import { runDirRoots } from '../../src/egress/run-dir.js';
import { orGone } from '../../src/engine/docker/errors.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { allowlistFile } from '../../src/mounts/index.js';
import { backupsFolder } from '../backup/manifest.js';
import { dockerState } from '../lib/docker-state.js';
import type { StepContext } from '../lib/step.js';
import { quoteForShell } from './types.js';

/** Something that a removed service leaves, and the command that deletes it. */
export interface Remains {
  what: string;
  delete: string;
}

/** What is there of this installation beside its service: nothing of it is deleted without being asked for. */
export async function remainsOf(context: StepContext, config: Config): Promise<Remains[]> {
  const { home, env } = context;
  const userHome = env.HOME || homedir();
  const { paths, installationId } = config;
  const files: [string, string][] = [
    ['conversations, files and memory of the agents, database and logs', paths.data],
    ['files for all agents, and those of versions before', paths.groups],
    ['secrets and settings', paths.envFile],
    ['backups, with secrets and conversations', backupsFolder(home)],
    ['the log of the steps', join(home, 'logs')],
    ['the mount allow-list of all your installations', allowlistFile(userHome)],
    ...runDirRoots(env, userHome, process.getuid?.() ?? 0).map((root): [string, string] => [
      'sockets',
      join(root, installationId),
    ]),
  ];
  const found = files.filter(([, path]) => hasContent(path));
  return [
    ...found.map(([what, path]) => ({ what: `${what}: ${path}`, delete: `rm -rf ${quoteForShell(path)}` })),
    ...(await inDocker(context, config)),
  ];
}

async function inDocker(
  { env }: StepContext,
  { dockerSocket, installationId, image }: Config,
): Promise<Remains[]> {
  const { docker } = await dockerState(env, dockerSocket);
  if (docker === null) return [];
  const label = `${INSTALLATION}=${installationId}`;
  const containers = await docker.calls.listContainers({ all: true, filters: { label: [label] } });
  const found: Remains[] = [];
  if (containers.length > 0) {
    const command = `docker rm -f $(docker ps -aq --filter label=${label})`;
    found.push({ what: `${containers.length} containers, stopped`, delete: command });
  }
  for (const name of [image, besideName(image, 'before-update')]) {
    if (await orGone(docker.calls.getImage(name).inspect())) {
      found.push({ what: `the agent image ${name}`, delete: `docker image rm ${name}` });
    }
  }
  return found;
}

/** A folder that holds nothing but what git keeps it with is none of anybody's. */
function hasContent(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    return readdirSync(path).some((name) => name !== '.gitkeep');
  } catch {
    return true;
  }
}
