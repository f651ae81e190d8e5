import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { RunnerEnv } from '../../env.ts';
import { createForwarder } from '../../forwarder.ts';
import type { Log } from '../../log.ts';
import type { RunnerPaths } from '../../paths.ts';
import { createClaudeProvider } from '../claude.ts';
import type { AgentProvider } from '../types.ts';
import { claudeEnvironment } from './environment.ts';

/** The image's root of our own files: /app, with src/ and skills/. */
const APP = join(import.meta.dirname, '..', '..', '..');

/** Opens the one door to the outside and puts the provider behind it. */
export async function startClaudeProvider(deps: {
  env: RunnerEnv;
  paths: RunnerPaths;
  log: Log;
  clock: Clock;
}): Promise<AgentProvider> {
  const { env, paths, log, clock } = deps;
  let listener = () => {};
  const forwarder = await createForwarder({
    ...{ socketPath: paths.egressSocket, clock },
    onModelByte: () => listener(),
  });
  return createClaudeProvider({
    cwd: paths.agent,
    model: env.model,
    env: claudeEnvironment({ ...process.env, HOME: env.home }, forwarder.url),
    skillsRoot: existsSync(join(APP, 'skills')) ? APP : null,
    onStderr: (text) => log.debug({ text: text.slice(0, 1_000) }, 'claude stderr'),
    clock,
    log,
    listenForModel(heard) {
      listener = heard;
    },
  });
}
