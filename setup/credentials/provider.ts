import { existsSync } from 'node:fs';
import { pathsOf } from '../../src/config.js';
import { createCredentialProvider } from '../../src/credentials/index.js';
import type { AgentIdentity, CredentialProvider } from '../../src/credentials/types.js';
import { listAgentGroups } from '../../src/db/central/agent-groups.js';
import { openCentralDb } from '../../src/db/central/index.js';
import { createLog } from '../../src/log/index.js';
import type { StepContext } from '../lib/step.js';

/** Asks in the name of nobody, or with OneCLI as an agent of its own, while there is no agent group yet. */
const SETUP_AGENT: AgentIdentity = { name: 'Wharfie setup', identifier: 'wharfie-setup' };
/** Agent groups that are asked about; more are taken on trust. */
const MOST = 20;

/** The provider that these values of `.env` choose. */
export function providerOf(
  { clock, detail }: StepContext,
  file: Readonly<Record<string, string>>,
  fallback: NodeJS.ProcessEnv,
): CredentialProvider {
  const log = createLog({ write: detail }, { level: 'warn' });
  return createCredentialProvider({
    ...{ envFile: { read: () => file }, fallback, clock, log },
    probe: async () => null,
  });
}

/** As whom the credentials are tried: with OneCLI each agent group has its own, otherwise all have the same. */
export function agentsToCheck({ home }: StepContext, provider: CredentialProvider): AgentIdentity[] {
  const file = pathsOf(home).centralDb;
  if (provider.kind !== 'onecli' || !existsSync(file)) return [SETUP_AGENT];
  const db = openCentralDb(file);
  try {
    const groups = listAgentGroups(db).filter((group) => group.agentProvider === 'claude');
    const agents = groups.slice(0, MOST).map(({ id, name }) => ({ identifier: id, name }));
    return agents.length > 0 ? agents : [SETUP_AGENT];
  } finally {
    db.close();
  }
}
