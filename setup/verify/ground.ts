import { parse } from 'dotenv';
import { type Config, loadConfig, settingNames } from '../../src/config.js';
import type { EnvValues } from '../../src/env-file.js';
import { reasonOf, WharfieError } from '../../src/errors.js';
import { setEnvValues } from '../lib/env-edit.js';
import { configurationOf, readEnvOf, saveEnv } from '../lib/installation.js';
import type { StepContext } from '../lib/step.js';
import type { Finding, Problem } from './types.js';

/** What every check stands on. Where it is broken, the rest is looked at on what is left of it. */
export interface Ground {
  config: Config;
  env: { read(): EnvValues };
  findings: Finding[];
}

/** The configuration without the lines that cannot be used, each of which is a finding. */
export function groundOf(context: StepContext): Ground {
  const { values, problem } = readValues(context);
  const env = { read: () => values };
  const findings: Finding[] = problem ? [asFinding(problem)] : [];
  try {
    return { config: problem ? configOf(context, {}) : configurationOf(context).config, env, findings };
  } catch (error) {
    if (!(error instanceof WharfieError) || error.code !== 'config-invalid') throw error;
  }
  const bad = settingNames.filter((name) => !isUsable(context, name, values));
  const kept = Object.fromEntries(Object.entries(values).filter(([name]) => !bad.includes(name)));
  const environment = Object.fromEntries(Object.entries(context.env).filter(([name]) => !bad.includes(name)));
  findings.push(...bad.map((name) => invalid(context, name, values)));
  return { config: configOf({ ...context, env: environment }, kept), env, findings };
}

function readValues(context: StepContext): { values: EnvValues; problem: WharfieError | null } {
  try {
    return { values: readEnvOf(context), problem: null };
  } catch (error) {
    if (error instanceof WharfieError) return { values: {}, problem: error };
    throw error;
  }
}

function configOf({ env, home }: StepContext, values: EnvValues): Config {
  return loadConfig(values, { ...env, WHARFIE_HOME: home });
}

/** Whether this setting alone is taken. */
function isUsable(context: StepContext, name: string, values: EnvValues): boolean {
  try {
    const one = { [name]: values[name] ?? '' };
    configOf({ ...context, env: { [name]: context.env[name] } }, one);
    return true;
  } catch {
    return false;
  }
}

function invalid(context: StepContext, name: string, values: EnvValues): Finding {
  const here = context.env[name];
  const found = here || values[name] || '';
  let why = '';
  try {
    configOf({ ...context, env: {} }, { [name]: found });
  } catch (error) {
    why = reasonOf(error).split('\n').at(-1)?.trim() ?? '';
  }
  const message = `${here ? `${name} in the environment` : `${name} in .env`} cannot be used (${why}): no host starts with it.`;
  const id = 'config-invalid';
  const base = { id, layer: 'installation', severity: 'error', message } as const;
  if (here) return { ...base, fix: `unset ${name}` };
  if (name === 'TZ')
    return { ...base, fix: './wharfie timezone --tz UTC (or your own, such as Europe/Berlin)' };
  return {
    ...base,
    fix: `./wharfie verify --fix (which empties ${name}, so that its default counts; or correct it in .env)`,
    async repair() {
      await saveEnv(context, { [name]: '' });
    },
  };
}

function asFinding({ code, message, fix }: Problem): Finding {
  return { id: code, layer: 'installation', severity: 'error', message, fix };
}

/** A quote that is not closed swallows the lines after it: whoever edits the file next would find out only then. */
export function judgeEnvText(text: string): Finding[] {
  const open = Object.entries(parse(text)).find(([, value]) => /\n\s*[A-Z][A-Z0-9_]*=/.test(value));
  if (open) {
    const message = `A quote in .env is not closed: the value of ${open[0]} goes on over the lines after it, which count for nothing.`;
    const fix = 'Correct .env by hand: each quote needs its partner. Then: ./wharfie verify';
    return [{ ...asFinding({ code: 'env-unparsable', message, fix }) }];
  }
  try {
    setEnvValues(text, { WHARFIE_CHECK: 'x' });
    return [];
  } catch (error) {
    if (error instanceof WharfieError) return [{ ...asFinding(error), severity: 'warning' }];
    throw error;
  }
}
