import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { createCredentialProvider } from '../../../src/credentials/index.js';
import { silentLog } from '../../fakes/log.js';
import { createMessagesApi } from '../../fakes/messages-api.js';
import { createFakeOneCli } from '../../fakes/onecli.js';
import { ada, bareSpec, modelCall } from './conformance.js';

/** Both providers configured, each with a key of its own. */
async function setUp() {
  const api = await createMessagesApi(() => 'fine');
  const onecli = await createFakeOneCli({ 'api.anthropic.com': api.url });
  onTestFinished(async () => {
    await onecli.close();
    await api.close();
  });
  onecli.assign('api.anthropic.com', 'key-in-onecli');
  const file: Record<string, string> = {
    ...{ WHARFIE_CREDENTIALS: 'onecli', ONECLI_URL: onecli.url, ONECLI_API_KEY: onecli.apiKey },
    ANTHROPIC_API_KEY: 'key-in-env',
  };
  const provider = createCredentialProvider({
    ...{ envFile: { read: () => file }, fallback: { ANTHROPIC_API_KEY: 'key-in-shell' } },
    ...{ clock: systemClock, log: silentLog, probe: async () => null },
  });
  return { api, onecli, file, provider };
}

it('uses the one that is chosen, and a change counts at once', async () => {
  const { api, file, provider } = await setUp();
  await provider.ensureAgent(ada);
  await modelCall(provider, ada);
  Object.assign(file, { WHARFIE_CREDENTIALS: '', ANTHROPIC_BASE_URL: api.url });
  await modelCall(provider, ada);
  expect(api.calls.map(({ headers }) => headers['x-api-key'])).toEqual(['key-in-onecli', 'key-in-env']);
  expect(provider.kind).toBe('static');
});

it('never lets a key of .env or of the shell stand in for OneCLI', async () => {
  const { api, onecli, file, provider } = await setUp();
  await onecli.setMode('down');
  await onecli.setGateway('down');
  await expect(provider.applyContainerConfig(bareSpec(), ada)).rejects.toMatchObject({
    code: 'onecli-unreachable',
  });
  expect((await modelCall(provider, ada)).status).toBe(503);
  file.ONECLI_API_KEY = '';
  expect(provider.missing()).toMatchObject({ code: 'credential-missing' });
  expect((await modelCall(provider, ada)).status).toBe(401);
  expect(api.calls).toEqual([]);
});

it('says so when the choice is none', async () => {
  const { file, provider } = await setUp();
  file.WHARFIE_CREDENTIALS = 'vault';
  expect(provider.missing()?.message).toContain('WHARFIE_CREDENTIALS is none of static, onecli');
  await expect(provider.modelUpstream(ada)).rejects.toMatchObject({ code: 'credential-missing' });
});
