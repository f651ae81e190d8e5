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
} from '../src/mounts.js';
import { UsageError } from './lib/flags.js';
import { withSetupLock } from './lib/setup-lock.js';
import type { Fields, Step } from './lib/step.js';

export const mounts: Step = {
  name: 'mounts',
  summary:
    'which folders of this machine agent groups may be given at all; without a flag it says which they are now',
  flags: [
    { name: 'empty', kind: 'switch', help: 'no folder' },
    {
      name: 'json',
      kind: 'value',
      hint: `'{"allow": [{"path": "~/notes", "readOnly": true}]}'`,
      help: 'these folders and what is below them; for output as JSON put --json before the --',
    },
  ],
  async run(flags, { home: installation, clock }) {
    const file = allowlistFile(homedir());
    const wanted = wantedList(flags.on('empty'), flags.value('json'));
    if (wanted === null) return { status: 'success', fields: fieldsOf(file, readAllowlist(file)) };
    return withSetupLock(pathsOf(installation).data, clock, () => {
      const fields = fieldsOf(file, wanted);
      if (isDeepStrictEqual(present(file), wanted)) return { status: 'skipped', fields };
      writeAllowlist(file, wanted);
      return { status: 'success', fields };
    });
  },
};

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
