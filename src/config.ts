import { existsSync, realpathSync } from 'node:fs';
import { isIP } from 'node:net';
import { totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { EnvValues } from './env-file.js';
import { WharfieError } from './errors.js';
import { shortHash } from './ids.js';

const GIB = 1024 ** 3;

/** Where the code is; its state lies beside it unless `WHARFIE_HOME` names another folder. */
export const codeRoot = findCodeRoot(import.meta.url);

/**
 * The folder above that of this module, be it `src/` or `dist/`. Throws `code-misplaced` for code that was built or
 * copied to anywhere else: it would take another folder for the installation.
 */
export function findCodeRoot(moduleUrl: string): string {
  const root = realpathSync(fileURLToPath(new URL('..', moduleUrl)));
  if (existsSync(path.join(root, 'setup', 'index.ts')) && existsSync(path.join(root, 'package.json')))
    return root;
  throw new WharfieError(
    'code-misplaced',
    `${fileURLToPath(moduleUrl)} does not lie directly below a folder of Wharfie's own: ${root} is none.`,
    'Run it from the checkout: ./wharfie status',
  );
}

export interface Paths {
  home: string;
  data: string;
  centralDb: string;
  sessions: string;
  /** `global/`, which all agents read, and what a person puts there. Nothing that an agent writes. */
  groups: string;
  /** A folder for each agent group, which it writes. Not below `groups/`: people start Claude Code in the checkout. */
  agentFolders: string;
  logs: string;
  envFile: string;
}

/** The folders of an installation whose state lies in `home`. */
export function pathsOf(home: string): Paths {
  const data = path.join(home, 'data');
  return {
    home,
    data,
    centralDb: path.join(data, 'v2.db'),
    sessions: path.join(data, 'v2-sessions'),
    groups: path.join(home, 'groups'),
    agentFolders: path.join(data, 'groups'),
    logs: path.join(data, 'logs'),
    envFile: path.join(home, '.env'),
  };
}

/** The folder that `WHARFIE_HOME` names, else the checkout itself. */
export function homeOf(env: EnvValues | NodeJS.ProcessEnv): string {
  return env.WHARFIE_HOME ? path.resolve(env.WHARFIE_HOME) : codeRoot;
}

/** Tells two installations on one machine apart: in labels, container names and run folders. */
export function installationIdOf(home: string): string {
  return shortHash(home);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const count = (expected: string) => z.coerce.number(expected).int(expected).min(1, expected);
const PORT = 'a port between 1 and 65535';
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

const settingsSchema = z.object({
  ASSISTANT_NAME: z.string().trim().min(1).max(64, 'a name of at most 64 characters').default('Andy'),
  TZ: z
    .string()
    .refine(isTimeZone, 'an IANA time zone such as Europe/Berlin')
    .default(() => new Intl.DateTimeFormat().resolvedOptions().timeZone),
  WHARFIE_LOG_LEVEL: z.enum(LEVELS, `one of ${LEVELS.join(', ')}`).default('info'),
  WHARFIE_MAX_CONTAINERS: count('a whole number of at least 1').optional(),
  WHARFIE_IDLE_MINUTES: count('minutes, a whole number of at least 1').default(15),
  WHARFIE_TURN_LIMIT_MINUTES: count('minutes, a whole number of at least 1').default(120),
  WHARFIE_IMAGE: z.string().min(1).optional(),
  WHARFIE_DOCKER_SOCKET: z.string().startsWith('/', 'the absolute path of a unix socket').optional(),
  WHARFIE_WEBHOOK_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0, 'an IP address of this machine')
    .default('127.0.0.1'),
  WHARFIE_WEBHOOK_PORT: z.coerce.number(PORT).int(PORT).min(1, PORT).max(65_535, PORT).default(3310),
  WHARFIE_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'an address such as https://wharfie.example.org' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  WHARFIE_MOCK_ENGINE: z.enum(['process', 'docker'], 'process or docker').default('process'),
});

/** The settings' names in `.env`; README lists each. */
export const settingNames: readonly string[] = Object.keys(settingsSchema.shape);

export interface Config {
  paths: Paths;
  installationId: string;
  assistantName: string;
  timeZone: string;
  logLevel: (typeof LEVELS)[number];
  maxContainers: number;
  idleStopMs: number;
  turnLimitMs: number;
  image: string;
  dockerSocket: string | null;
  /** Where platforms' calls arrive on this machine. */
  webhookHost: string;
  webhookPort: number;
  /** Under which address the platforms reach that, without a slash at its end; null: none was set. */
  publicUrl: string | null;
  /** Where mock groups run: their own process, or a container (tests of the container path). */
  mockEngine: 'process' | 'docker';
}

/** The settings as they are in force, by their names in `.env`. None is a secret. */
export function settingsOf(config: Config): Record<string, string> {
  return {
    ASSISTANT_NAME: config.assistantName,
    TZ: config.timeZone,
    WHARFIE_LOG_LEVEL: config.logLevel,
    WHARFIE_MAX_CONTAINERS: String(config.maxContainers),
    WHARFIE_IDLE_MINUTES: String(config.idleStopMs / 60_000),
    WHARFIE_TURN_LIMIT_MINUTES: String(config.turnLimitMs / 60_000),
    WHARFIE_IMAGE: config.image,
    WHARFIE_DOCKER_SOCKET: config.dockerSocket ?? '',
    WHARFIE_WEBHOOK_HOST: config.webhookHost,
    WHARFIE_WEBHOOK_PORT: String(config.webhookPort),
    WHARFIE_PUBLIC_URL: config.publicUrl ?? '',
    WHARFIE_MOCK_ENGINE: config.mockEngine,
  };
}

/** At most 4 agents at once, and no more than one for each GiB of memory. */
export function defaultMaxContainers(memoryBytes: number): number {
  return Math.max(1, Math.min(4, Math.floor(memoryBytes / GIB)));
}

/** The configuration from `.env` and the environment, which wins. Throws `config-invalid` with all problems at once. */
export function loadConfig(file: EnvValues, env: NodeJS.ProcessEnv = process.env): Config {
  const home = homeOf(env);
  const found = Object.fromEntries(settingNames.map((name) => [name, env[name] || file[name] || undefined]));
  const parsed = settingsSchema.safeParse(found);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `${name}: expected ${issue.message}, found ${JSON.stringify(found[name])}`;
    });
    throw new WharfieError(
      'config-invalid',
      `The configuration is not valid:\n  ${problems.join('\n  ')}`,
      `Correct these lines in ${pathsOf(home).envFile} and start again.`,
    );
  }
  const settings = parsed.data;
  const installationId = installationIdOf(home);
  return {
    paths: pathsOf(home),
    installationId,
    assistantName: settings.ASSISTANT_NAME,
    timeZone: settings.TZ,
    logLevel: settings.WHARFIE_LOG_LEVEL,
    maxContainers: settings.WHARFIE_MAX_CONTAINERS ?? defaultMaxContainers(totalmem()),
    idleStopMs: settings.WHARFIE_IDLE_MINUTES * 60_000,
    turnLimitMs: settings.WHARFIE_TURN_LIMIT_MINUTES * 60_000,
    image: settings.WHARFIE_IMAGE ?? `wharfie-agent:${installationId}`,
    dockerSocket: settings.WHARFIE_DOCKER_SOCKET ?? null,
    webhookHost: settings.WHARFIE_WEBHOOK_HOST,
    webhookPort: settings.WHARFIE_WEBHOOK_PORT,
    publicUrl: settings.WHARFIE_PUBLIC_URL ?? null,
    mockEngine: settings.WHARFIE_MOCK_ENGINE,
  };
}
