import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { settingNames } from '../../src/config.js';
import { PROVIDER_NAME } from '../../src/credentials/index.js';
import { codeOf, reasonOf } from '../../src/errors.js';
import { dropOverruled, withoutOverruled } from '../lib/env-edit.js';
import { nearest } from '../lib/flags.js';
import { withSetupLock } from '../lib/setup-lock.js';
import type { StepContext } from '../lib/step.js';
import type { Finding } from './types.js';

const OURS = /^WHARFIE_[A-Z_]+$/;
const KNOWN = new Set([...settingNames, PROVIDER_NAME, 'WHARFIE_HOME', 'WHARFIE_CRASH_AT']);

/** Lines of `.env` that say something, and count for nothing. */
export function judgeEnvLines(
  { clock }: Pick<StepContext, 'clock'>,
  { text, envFile, dataDir }: { text: string; envFile: string; dataDir: string },
): Finding[] {
  const { names } = withoutOverruled(text);
  const twice = names.map(
    (name): Finding => ({
      ...warning(
        'env-twice',
        `${name} stands more than once in .env, with different values: only the last one counts.`,
        './wharfie verify --fix (which takes out the lines that count for nothing; or correct .env by hand)',
      ),
      repair: () => withSetupLock(dataDir, clock, () => dropOverruled(envFile)),
    }),
  );
  const unknown = Object.keys(parse(text)).flatMap((name) => {
    if (!OURS.test(name) || KNOWN.has(name)) return [];
    const meant = nearest(name, [...settingNames]);
    const message = `.env sets ${name}, which is no setting: it counts for nothing.`;
    return [
      warning('setting-unknown', message, `Correct it in .env (${meant}?), then run: ./wharfie verify`),
    ];
  });
  return [...twice, ...unknown];
}

/** Node says so in one line at its start, and then trusts nobody more than before. */
export function judgeExtraAuthorities(environment: NodeJS.ProcessEnv): Finding[] {
  const file = environment.NODE_EXTRA_CA_CERTS;
  const why = file ? whyNoAuthorities(file) : null;
  if (why === null) return [];
  const message = `NODE_EXTRA_CA_CERTS names ${file}, ${why}: what those authorities have signed is not trusted.`;
  return [
    warning('ca-file-unusable', message, 'unset NODE_EXTRA_CA_CERTS (or give it the path of the PEM file)'),
  ];
}

function whyNoAuthorities(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').includes('-----BEGIN ') ? null : 'which holds no certificate (PEM)';
  } catch (error) {
    return `which cannot be read (${codeOf(error) || reasonOf(error)})`;
  }
}

function warning(id: string, message: string, fix: string): Finding {
  return { id, layer: 'installation', severity: 'warning', message, fix };
}
