import { existsSync, mkdirSync } from 'node:fs';
import { counterpartOf, isGroupChat, normalizePlatformId } from '../../src/channels/catalog/index.js';
import { type Config, loadConfig, type Paths, pathsOf } from '../../src/config.js';
import { type CentralDb, openCentralDb } from '../../src/db/central/index.js';
import { createEnvFile, type EnvFile, type EnvValues } from '../../src/env-file.js';
import { prepareAgentFolder } from '../../src/people/registration/agent-folder.js';
import { createRegistration, type Registration } from '../../src/people/registration/index.js';
import { writeEnvValues } from './env-edit.js';
import { withSetupLock } from './setup-lock.js';
import type { StepContext } from './step.js';

export interface Installation {
  config: Config;
  env: EnvFile;
  db: CentralDb;
  registration: Registration;
}

/** Opens what a step works on, making it where there is none, and closes it again, however the step ends. */
export async function withInstallation<T>(
  context: StepContext,
  use: (installation: Installation) => T | Promise<T>,
): Promise<T> {
  const { env, config } = configurationOf(context);
  mkdirSync(config.paths.data, { recursive: true, mode: 0o700 });
  const db = openCentralDb(config.paths.centralDb);
  const registration = createRegistration({
    db,
    clock: context.clock,
    normalizePlatformId,
    isGroupChat,
    counterpartOf,
    assistantName: config.assistantName,
    prepareFolder: (agentGroup) => void prepareAgentFolder(config.paths, agentGroup),
  });
  try {
    return await use({ config, env, db, registration });
  } finally {
    db.close();
  }
}

/** For steps that only look: the database is null where there is none, and nothing is made. */
export async function withPresentDb<T>(
  paths: Paths,
  use: (db: CentralDb | null) => T | Promise<T>,
): Promise<T> {
  if (!existsSync(paths.centralDb)) return use(null);
  const db = openCentralDb(paths.centralDb);
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

/** What `.env` says. Throws `env-unreadable`. */
export function readEnvOf({ home }: StepContext): EnvValues {
  return createEnvFile(pathsOf(home).envFile).read();
}

export function configurationOf(context: StepContext): { env: EnvFile; config: Config } {
  const env = createEnvFile(pathsOf(context.home).envFile);
  return { env, config: loadConfig(env.read(), { ...context.env, WHARFIE_HOME: context.home }) };
}

/** Sets values in `.env`; false where they were all so before. */
export function saveEnv(context: StepContext, values: Readonly<Record<string, string>>): Promise<boolean> {
  const paths = pathsOf(context.home);
  return withSetupLock(paths.data, context.clock, () => writeEnvValues(paths.envFile, values));
}
