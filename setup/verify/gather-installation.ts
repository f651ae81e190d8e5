import { chmodSync, existsSync, statSync } from 'node:fs';
import type { Config } from '../../src/config.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { checkImage } from '../../src/engine/docker/check.js';
import { runnerHash } from '../../src/engine/docker/index.js';
import { WharfieError } from '../../src/errors.js';
import { isHalfRestored } from '../backup/moves.js';
import type { DockerState } from '../lib/docker-state.js';
import type { StepContext } from '../lib/step.js';
import type { ServicesFound } from '../service/here.js';
import { present } from '../service/install.js';
import { serviceManager } from '../service/manager.js';
import { unitOf } from '../service/unit.js';
import { readJournal } from '../update/journal.js';
import type { InstallationFacts } from './installation.js';
import { differingPackages } from './packages.js';
import type { Problem } from './types.js';

export async function gatherInstallation(
  context: StepContext,
  known: {
    config: Config;
    db: CentralDb | null;
    databaseProblem: Problem | null;
    barrel: Problem | null;
    docker: DockerState;
    needsImage: boolean;
    hostRunning: boolean;
    platformChats: number;
    /** Null: they could not be looked for. */
    services: ServicesFound | null;
  },
): Promise<InstallationFacts> {
  const { config, docker, databaseProblem, barrel, needsImage, hostRunning, platformChats } = known;
  const { envFile } = config.paths;
  return {
    differing: differingPackages(context.root),
    envMode: existsSync(envFile) ? statSync(envFile).mode & 0o777 : null,
    database: databaseProblem ?? (known.db ? null : missing()),
    barrel,
    unfinished: unfinished(config.paths.data),
    image: docker.docker === null ? null : await problemOf(imageCheck(context, config, docker.docker.calls)),
    needsImage,
    service: known.services && (await problemOf(serviceCheck(context, known.services))),
    hostRunning,
    platformChats,
    repairEnvMode: () => chmodSync(envFile, 0o600),
  };
}

async function imageCheck(
  { root }: StepContext,
  { image }: Config,
  docker: Parameters<typeof checkImage>[0],
) {
  await checkImage(docker, image, await runnerHash(root));
}

/** The file of the default name must be ours or nobody's; and one installation has one service. */
async function serviceCheck(
  context: StepContext,
  { services, kind, folders, uid }: ServicesFound,
): Promise<void> {
  const names = services.map((one) => one.name);
  const [first, second] = names;
  // One of another name does as well.
  if (first === undefined)
    present(serviceManager(kind, unitOf(context, 'wharfie'), { folders, uid }), context.home);
  if (second === undefined) return;
  throw new WharfieError(
    'service-twice',
    `${names.length} services start this installation (${names.join(', ')}): they end each other's host.`,
    `./wharfie service --uninstall --name ${second} (all but one)`,
  );
}

function unfinished(data: string): Problem | null {
  if (isHalfRestored(data)) {
    return {
      code: 'restore-unfinished',
      message: 'A backup was being restored here, and that was cut off half-way.',
      fix: './wharfie backup --resume',
    };
  }
  const journal = readJournal(data);
  if (!journal) return null;
  return {
    code: 'update-unfinished',
    message: `An update to ${journal.to.slice(0, 12)} has not ended; it was ${journal.phase}.`,
    fix: './wharfie update (which undoes it first)',
  };
}

async function problemOf(check: Promise<void>): Promise<Problem | null> {
  try {
    await check;
    return null;
  } catch (error) {
    if (error instanceof WharfieError) return error;
    throw error;
  }
}

function missing(): Problem {
  return {
    code: 'database-missing',
    message: 'Nothing is set up here yet: there is no data/v2.db.',
    fix: './wharfie environment (whose NEXT is the first step), or type /setup in Claude Code',
  };
}
