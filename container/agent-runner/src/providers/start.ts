import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { RunnerEnv } from '../env.ts';
import type { Log } from '../log.ts';
import type { RunnerPaths } from '../paths.ts';
import { createMockProvider } from './mock.ts';
import type { AgentProvider } from './types.ts';

/** The provider that the host asks for. The Agent SDK is only there where it is used: in the image. */
export async function startProvider(deps: {
  env: RunnerEnv;
  paths: RunnerPaths;
  log: Log;
  clock: Clock;
}): Promise<AgentProvider> {
  const { env, clock } = deps;
  if (env.provider === 'mock') {
    return createMockProvider({ clock, transcriptFile: join(env.home, 'mock-transcript.jsonl') });
  }
  const { startClaudeProvider } = await import('./claude/start.ts');
  return startClaudeProvider(deps);
}
