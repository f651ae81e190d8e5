import { homedir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { pathsOf } from '../src/config.js';
import {
  type Allowlist,
  allowlistFile,
  MountError,
  parseAllowlist,
  readAllowlist,
  writeAllowlist,
} from '../src/mounts/index.js';
import { UsageError } from './lib/flags.js';
import { withSetupLock } from './lib/setup-lock.js';
import type { Fields, Step } from './lib/step.js';

export const mounts: Step = {
  name: 'mounts',
  class: { '': 'reads', allow: 'grants', disallow: 'grants', empty: 'grants', json: 'grants' },
  summary:
    'which folders of this machine agent groups may be given at all; without a flag it says which they are now',
  flags: [
    {
      name: 'allow',
      kind: 'list',
      hint: '<folder>[:rw]',
      help: 'this folder as well, to be read, or with :rw to be written; all others stay',
    },
    { name: 'disallow', kind: 'list', hint: '<folder>', help: 'no longer this folder; all others stay' },
    { name: 'empty', kind: 'switch', help: 'no folder, for no installation of this user' },
    {
      name: 'json',
      kind: 'value',
      hint: `'{"allow": [{"path": "~/notes", "readOnly": true}]}'`,
      help: 'in place of all that are allowed now, for every installation of this user: these folders and what is below them; for output as JSON put --json before the --',
    },
  ],
  async run(flags, { home: installation, clock }) {
    const file = allowlistFile(homedir());
    const allow = flags.list('allow').map(allowed);
    const disallow = flags.list('disallow').map(plain);
    const replacing = wantedList(flags.on('empty'), flags.value('json'));
    const single = allow.length + disallow.length > 0;
    if (single && replacing !== null) {
      throw new UsageError(
        'conflicting-flags',
        '--allow and --disallow change single folders, --json and --empty the whole list.',
        'Give one or the other.',
      );
    }
    if (!single && replacing === null) {
      return { status: 'success', fields: fieldsOf(file, readAllowlist(file)) };
    }
    return withSetupLock(pathsOf(installation).data, clock, () => {
      const wanted = replacing ?? changed(readAllowlist(file), allow, disallow);
      const fields = fieldsOf(file, wanted);
      if (isDeepStrictEqual(present(file), wanted)) return { status: 'skipped', fields };
      writeAllowlist(file, wanted);
      return { status: 'success', fields };
    });
  },
};

type Entry = Allowlist['allow'][number];

/** `~/notes` or `/srv/x`, as the list has it: without a slash at the end. */
function plain(path: string): string {
  return path.trim().replace(/(?<=[^/])\/+$/, '');
}

function allowed(given: string): Entry {
  const writable = /:rw$/.test(given);
  return { path: plain(given.replace(/:r[wo]$/, '')), readOnly: !writable };
}

/** The list with single folders added, changed or taken away: it belongs to every installation of this user. */
function changed(list: Allowlist, allow: readonly Entry[], disallow: readonly string[]): Allowlist {
  const key = (path: string) => plain(path).replace(/^~(?=\/|$)/, homedir());
  const gone = new Set([...disallow, ...allow.map((one) => one.path)].map(key));
  const unknown = disallow.filter((path) => !list.allow.some((one) => key(one.path) === key(path)));
  if (unknown.length > 0) {
    throw new UsageError(
      'not-allowed',
      `${unknown.map((path) => JSON.stringify(path)).join(', ')} is not in the list.`,
      'See what is: ./wharfie mounts',
    );
  }
  const kept = list.allow.filter((one) => !gone.has(key(one.path)));
  return parseAllowlist(JSON.stringify({ ...list, allow: [...kept, ...allow] }));
}

function wantedList(empty: boolean, json: string | undefined): Allowlist | null {
  if (empty && json !== undefined) {
    throw new UsageError('conflicting-flags', '--empty and --json do not go together.', 'Give one of them.');
  }
  if (empty) return parseAllowlist('{}');
  return json === undefined ? null : parseAllowlist(json);
}

/** What is there now; null where it has to be written in any case. */
function present(file: string): Allowlist | null {
  try {
    return readAllowlist(file);
  } catch (error) {
    if (error instanceof MountError) return null;
    throw error;
  }
}

function fieldsOf(file: string, { allow, blocked }: Allowlist): Fields {
  return { FILE: file, COUNT: allow.length, ALLOW: allow, BLOCKED: blocked };
}
