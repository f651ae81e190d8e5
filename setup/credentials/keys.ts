import { UsageError } from '../lib/flags.js';
import type { WantedSecret } from '../lib/secrets.js';

/** What `.env` may hold for the model API. One at a time: what is set replaces the others. */
export const KEY_NAMES = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN', 'ANTHROPIC_AUTH_TOKEN'] as const;
type KeyName = (typeof KEY_NAMES)[number];

export const WANTED: readonly WantedSecret[] = [
  {
    name: 'ANTHROPIC_API_KEY',
    question:
      'Anthropic API key (console.anthropic.com > API keys), or the token of `claude setup-token`; not shown',
  },
];

export const CONFIRM =
  'A secret is needed. Run this in a terminal of your own, where it is asked for and not shown: ./wharfie credentials --provider static';

const OAUTH = /^sk-ant-oat/;

/**
 * The lines of `.env` for what was given: the one key, and the others of `file` emptied, which would win over it or lose
 * to it unseen. Throws a UsageError that does not contain the value.
 */
export function keysFrom(
  given: Readonly<Record<string, string>>,
  options: { interactive: boolean; official: boolean; file: Readonly<Record<string, string>> },
): Record<string, string> {
  const [first, second] = KEY_NAMES.filter((name) => given[name]);
  if (first === undefined || second !== undefined) {
    throw new UsageError(
      'invalid-secret',
      'Exactly one of the keys can be used.',
      `Give one of ${KEY_NAMES.join(', ')}.`,
    );
  }
  const value = given[first] ?? '';
  // A person was asked for either; a line of standard input says which it is.
  const name: KeyName = options.interactive && OAUTH.test(value) ? 'CLAUDE_CODE_OAUTH_TOKEN' : first;
  check(name, value, options.official);
  const others = KEY_NAMES.filter((other) => other !== name && options.file[other]);
  return { ...Object.fromEntries(others.map((other) => [other, ''])), [name]: value };
}

function check(name: KeyName, value: string, official: boolean): void {
  if (!/^[\x21-\x7e]{8,500}$/.test(value)) {
    throw new UsageError(
      'invalid-secret',
      `${name} is no key: it has spaces or is too short.`,
      'Copy it again, whole.',
    );
  }
  const isOAuth = OAUTH.test(value);
  if (official && name === 'ANTHROPIC_API_KEY' && (isOAuth || !value.startsWith('sk-ant-'))) {
    const fix = isOAuth
      ? 'Give it as CLAUDE_CODE_OAUTH_TOKEN.'
      : 'Copy it from console.anthropic.com > API keys.';
    throw new UsageError('invalid-secret', 'An API key of Anthropic begins with sk-ant-api.', fix);
  }
  if (official && name === 'CLAUDE_CODE_OAUTH_TOKEN' && !isOAuth) {
    const fix = 'Run `claude setup-token` and copy what it prints.';
    throw new UsageError('invalid-secret', 'An OAuth token of Claude begins with sk-ant-oat.', fix);
  }
}
