import { describe, expect, it } from 'vitest';
import { checkCredentials } from '../../../../setup/verify/credentials.js';
import { createEnvFile } from '../../../../src/env-file.js';
import { createInstallation } from '../harness.js';

const KEY = { ANTHROPIC_API_KEY: 'sk-ant-api03-0123456789' };

/** What is found without asking anybody. */
function check(stored: boolean, env: NodeJS.ProcessEnv, needed = true) {
  const at = createInstallation();
  if (stored) at.writeEnv(`ANTHROPIC_API_KEY=${KEY.ANTHROPIC_API_KEY}\n`);
  const envFile = createEnvFile(at.paths.envFile);
  return checkCredentials({ ...at.context, env }, { env: envFile, needed, offline: true });
}

describe('checkCredentials', () => {
  it('finds nothing where .env has a key', async () => {
    expect(await check(true, {})).toEqual([]);
  });

  it('takes a missing key for an error only where an agent needs one', async () => {
    expect(await check(false, {})).toMatchObject([{ id: 'credential-missing', severity: 'error' }]);
    expect(await check(false, {}, false)).toMatchObject([{ id: 'credential-missing', severity: 'warning' }]);
  });

  it('says that a key of this terminal alone is none of a service', async () => {
    const found = await check(false, KEY);
    expect(found).toMatchObject([{ id: 'credential-not-stored', severity: 'warning' }]);
    expect(JSON.stringify(found)).not.toContain(KEY.ANTHROPIC_API_KEY);
  });
});
