import { mkdirSync } from 'node:fs';
import { channelOf, normalizePlatformId } from '../../src/channels/catalog.js';
import { systemClock } from '../../src/clock.js';
import { type Config, loadConfig, pathsOf } from '../../src/config.js';
import { type CentralDb, openCentralDb } from '../../src/db/central.js';
import { createEnvFile, type EnvFile } from '../../src/env-file.js';
import { createRegistration, type Registration } from '../../src/registration.js';

export interface Installation {
  config: Config;
  env: EnvFile;
  db: CentralDb;
  registration: Registration;
}

/** Opens what a step works on and closes it again, however the step ends. */
export async function withInstallation<T>(
  home: string,
  use: (installation: Installation) => T | Promise<T>,
): Promise<T> {
  const env = createEnvFile(pathsOf(home).envFile);
  const config = loadConfig(env.read(), { ...process.env, WHARFIE_HOME: home });
  mkdirSync(config.paths.data, { recursive: true, mode: 0o700 });
  const db = openCentralDb(config.paths.centralDb);
  const { assistantName } = config;
  const registration = createRegistration({ db, clock: systemClock, normalizePlatformId, assistantName });
  try {
    return await use({ config, env, db, registration });
  } finally {
    db.close();
  }
}

export { channelOf };
