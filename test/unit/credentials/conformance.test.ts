import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { createCredentialProvider } from '../../../src/credentials/index.js';
import { createLog } from '../../../src/log/index.js';
import { createMessagesApi } from '../../fakes/messages-api.js';
import { createFakeOneCli } from '../../fakes/onecli.js';
import { type CredentialStage, credentialConformance } from './conformance.js';

const KEY = 'sk-ant-api03-the-real-key';
const log = createLog({ write: () => {} }, { level: 'silent' });

async function stage(kind: 'static' | 'onecli'): Promise<CredentialStage> {
  let accepted = true;
  const api = await createMessagesApi(({ headers }) =>
    accepted && headers['x-api-key'] === KEY ? 'fine' : { status: 401, type: 'authentication_error' },
  );
  const onecli = await createFakeOneCli({ 'api.anthropic.com': api.url });
  onTestFinished(async () => {
    await onecli.close();
    await api.close();
  });
  onecli.assign('api.anthropic.com', KEY);
  let file: Record<string, string> =
    kind === 'static'
      ? { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url }
      : { WHARFIE_CREDENTIALS: 'onecli', ONECLI_URL: onecli.url, ONECLI_API_KEY: onecli.apiKey };
  const provider = createCredentialProvider({
    ...{ envFile: { read: () => file }, fallback: {}, clock: systemClock, log },
    probe: async () => null,
  });
  return {
    provider,
    key: KEY,
    secrets: () => [onecli.apiKey, onecli.gateway, ...[...onecli.agents.values()].map(({ token }) => token)],
    shown: () => api.calls.map(({ headers }) => String(headers['x-api-key'])),
    setAccepted: (next) => {
      accepted = next;
    },
    unconfigure: () => {
      file = kind === 'static' ? {} : { WHARFIE_CREDENTIALS: 'onecli' };
    },
  };
}

credentialConformance('static', () => stage('static'));
credentialConformance('onecli', () => stage('onecli'));
