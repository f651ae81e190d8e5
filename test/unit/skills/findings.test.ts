import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeRoot } from '../../../src/config.js';

const TABLE = '.claude/skills/wharfie-verify/FINDINGS.md';
const read = (file: string) => readFileSync(join(codeRoot, file), 'utf8');
const sources = (folder: string) =>
  readdirSync(join(codeRoot, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

/** Whatever can come to a finding: the checks themselves, and the errors that they pass on with their own code. */
const FILES = [
  ...sources('setup/verify'),
  ...sources('src/credentials'),
  ...sources('src/credentials/onecli'),
  ...['setup/credentials/verify.ts', 'setup/lib/docker-state.ts', 'setup/lib/env-edit.ts'],
  ...['setup/channel/barrel.ts', 'setup/service/install.ts'],
  ...['src/engine/docker/errors.ts', 'src/engine/docker/check.ts', 'src/agent-folders/obstacle.ts'],
  ...['src/db/central/index.ts', 'src/db/node-changed.ts', 'src/db/stored-json.ts'],
  ...['src/env-file.ts', 'src/config.ts', 'src/mounts/allowlist.ts'],
];
/** A code where one is given: first of a call that makes a finding or an error, or after `id` or `code`. */
const GIVEN =
  /(?:\b(?:id|code): |\bid = |\b(?:finding|error|warning|say|problem)\(|Error\()\s*'([a-z]+(?:-[a-z]+)+)'/g;
/** Refused at a step's own flags, or said of what the step does: no finding. */
const NO_FINDING = new Set(['unit-invalid', 'service-command-failed', 'install-failed']);

describe('the table of findings', () => {
  const known = new Set([...read(TABLE).matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, id]) => id));
  const said = new Set(FILES.flatMap((file) => [...read(file).matchAll(GIVEN)].map(([, id = '']) => id)));

  it('has every id that the code can say', () => {
    expect(said.size).toBeGreaterThan(100);
    expect([...said].filter((id) => !known.has(id) && !NO_FINDING.has(id))).toEqual([]);
  });

  it('is named in the skill', () => {
    expect(read('.claude/skills/wharfie-verify/SKILL.md')).toContain('FINDINGS.md');
  });
});
