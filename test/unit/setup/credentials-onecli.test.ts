import { describe, expect, it, onTestFinished } from 'vitest';
import { credentials } from '../../../setup/credentials.js';
import { checkCredentials } from '../../../setup/verify/credentials.js';
import { createAgentGroup } from '../../../src/db/central/agent-groups.js';
import { containerConfigSchema } from '../../../src/db/types.js';
import { createEnvFile } from '../../../src/env-file.js';
import { createMessagesApi } from '../../fakes/messages-api.js';
import { createFakeOneCli } from '../../fakes/onecli.js';
import { createInstallation, secretsOf } from './harness.js';

const HOST = 'api.anthropic.com';
const KEY = 'sk-ant-api03-the-real-key';

async function setUp(options: { assigned?: boolean; folders?: string[] } = {}) {
  // Nothing is asked that costs something: the fake API knows no list of models and says 404, which is an answer.
  const api = await createMessagesApi(() => 'fine');
  const onecli = await createFakeOneCli({ [HOST]: api.url });
  onTestFinished(async () => {
    await onecli.close();
    await api.close();
  });
  if (options.assigned !== false) onecli.assign(HOST, KEY);
  const at = createInstallation();
  for (const folder of options.folders ?? []) {
    const rest = { name: folder, isAdmin: false, agentProvider: 'claude', createdAt: 1 } as const;
    createAgentGroup(at.db(), {
      id: `ag_${folder}`,
      folder,
      containerConfig: containerConfigSchema.parse({}),
      ...rest,
    });
  }
  const provide = ['--provider', 'onecli', '--url', onecli.url];
  const secrets = secretsOf({ ONECLI_API_KEY: onecli.apiKey });
  return { api, onecli, at, provide, secrets };
}

describe('credentials --provider onecli', () => {
  it('proves address, key and the way to the model, keeps them, and does nothing the second time', async () => {
    const { at, onecli, provide, secrets, api } = await setUp({ folders: ['family', 'work'] });
    at.writeEnv('# mine\nASSISTANT_NAME=Ada\n');
    const first = await at.run(credentials, provide, { secrets });
    expect(first).toMatchObject({
      exitCode: 0,
      fields: { STATUS: 'success', PROVIDER: 'onecli', HOST_CHECK: 'accepted', STORED: '.env' },
    });
    expect(first.fields.AGENTS).toEqual(['family', 'work']);
    expect([...onecli.agents.keys()]).toEqual(['ag-family', 'ag-work']);
    expect(api.seen.map(({ headers }) => headers['x-api-key'])).toEqual([KEY, KEY]);
    expect(at.readEnv()).toBe(
      `# mine\nASSISTANT_NAME=Ada\nWHARFIE_CREDENTIALS=onecli\nONECLI_URL=${onecli.url}\nONECLI_API_KEY=${onecli.apiKey}\n`,
    );
    for (const secret of [onecli.apiKey, KEY, ...[...onecli.agents.values()].map(({ token }) => token)]) {
      expect([first.output, ...at.said, ...at.logged].join('\n')).not.toContain(secret);
    }
    expect((await at.run(credentials, provide)).fields).toMatchObject({
      STATUS: 'skipped',
      STORED: 'unchanged',
    });
    expect(await at.run(credentials, ['--check'])).toMatchObject({
      exitCode: 0,
      fields: { PROVIDER: 'onecli' },
    });
  });

  it('keeps them also where no secret is assigned yet, says whom to assign one to, and is content afterwards', async () => {
    const { at, onecli, provide, secrets } = await setUp({ assigned: false });
    const first = await at.run(credentials, provide, { secrets });
    expect(first).toMatchObject({
      exitCode: 2,
      fields: {
        ERROR: 'onecli-no-secret',
        STORED: '.env',
        FIX: expect.stringContaining('Assign a secret to agent Wharfie setup (wharfie-setup)'),
      },
    });
    onecli.assign(HOST, KEY);
    expect((await at.run(credentials, ['--check'])).exitCode).toBe(0);
  });

  it.each([
    ['down', 2, 'onecli-unreachable'],
    [503, 2, 'onecli-unreachable'],
    [401, 1, 'onecli-key-refused'],
    ['forgetful', 2, 'onecli-no-agent'],
  ] as const)('%s: ends with %i, %s, and keeps nothing', async (mode, exitCode, code) => {
    const { at, onecli, provide, secrets } = await setUp();
    at.writeEnv('ASSISTANT_NAME=Ada\n');
    await onecli.setMode(mode);
    const run = await at.run(credentials, provide, { secrets });
    expect(run).toMatchObject({ exitCode, fields: { STATUS: 'failed', ERROR: code } });
    expect(run.output).not.toContain(onecli.apiKey);
    expect(at.readEnv()).toBe('ASSISTANT_NAME=Ada\n');
  });

  it('asks for the key in a terminal of the person where it is given none', async () => {
    const { at, provide, onecli } = await setUp();
    expect(await at.run(credentials, provide)).toMatchObject({
      exitCode: 3,
      fields: {
        STATUS: 'needs_input',
        QUESTION: expect.stringContaining(`--provider onecli --url ${onecli.url}`),
      },
    });
  });

  it.each([
    ['an address with a password', ['--url', 'http://a:hush@x'], null, 'invalid-value'],
    ['an address of another kind', ['--url', 'ftp://x'], null, 'invalid-value'],
    ['a key with a space', ['--url', 'http://x'], { ONECLI_API_KEY: 'oc_hush hush' }, 'invalid-secret'],
    ['no address', [], { ONECLI_API_KEY: 'oc_secret_key' }, 'missing-flag'],
  ])('refuses %s with exit 4', async (_, argv, given, code) => {
    const { at } = await setUp();
    const run = await at.run(credentials, ['--provider', 'onecli', ...argv], { secrets: secretsOf(given) });
    expect(run).toMatchObject({ exitCode: 4, fields: { ERROR: code } });
    expect(run.output).not.toContain('hush');
  });

  it('gives way to a key of one’s own', async () => {
    const { at, provide, secrets, api } = await setUp();
    await at.run(credentials, provide, { secrets });
    const own = secretsOf({ ANTHROPIC_API_KEY: KEY });
    const run = await at.run(credentials, ['--provider', 'static', '--base-url', api.url], { secrets: own });
    expect(run.fields).toMatchObject({ PROVIDER: 'static', STORED: '.env' });
    expect(at.readEnv()).toContain('WHARFIE_CREDENTIALS=static');
  });
});

describe('verify', () => {
  it.each([
    ['up', undefined],
    ['down', 'onecli-unreachable'],
    [401, 'onecli-key-refused'],
    ['no-secret', 'onecli-no-secret'],
    ['no-key', 'credential-missing'],
  ] as const)('%s: finds %s', async (state, id) => {
    const { at, onecli } = await setUp({ folders: ['family'], assigned: state !== 'no-secret' });
    const key = state === 'no-key' ? '' : onecli.apiKey;
    at.writeEnv(`WHARFIE_CREDENTIALS=onecli\nONECLI_URL=${onecli.url}\nONECLI_API_KEY=${key}\n`);
    if (state === 'down' || state === 401) await onecli.setMode(state);
    const env = createEnvFile(at.paths.envFile);
    const found = await checkCredentials(at.context, { env, needed: true, offline: false });
    expect(found.map((one) => [one.id, one.severity])).toEqual(id ? [[id, 'error']] : []);
    for (const one of found) expect(one.fix).not.toBe('');
  });
});
