import type { AgentProvider } from '../db/types.js';
import type { ContainerRunnerDeps } from './deps.js';
import { createGate, type Gate } from './gate.js';

/** One gate for each provider: `claude` needs its engine and a credential, `mock` its engine only. */
export function createGates(
  deps: ContainerRunnerDeps,
  opened: (gate: Gate) => void,
): Record<AgentProvider, Gate> {
  const { clock, log, random, engines, credentials } = deps;
  const build = (provider: AgentProvider, check: () => Promise<void>): Gate => {
    const gate: Gate = createGate({
      clock,
      log: log.child({ provider }),
      random,
      check,
      onOpen: () => opened(gate),
    });
    return gate;
  };
  return {
    mock: build('mock', () => engines.mock.check()),
    claude: build('claude', async () => {
      await engines.claude.check();
      const missing = credentials.missing();
      if (missing) throw missing;
    }),
  };
}
