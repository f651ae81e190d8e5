import { runStep } from '../../setup/lib/run.js';
import type { Step } from '../../setup/lib/step.js';
import { steps } from '../../setup/steps.js';
import { systemClock } from '../../src/clock.js';
import { codeRoot } from '../../src/config.js';
import type { Installation } from './host-process.js';
import { answered } from './who-may-speak.js';

export interface StepHere {
  exitCode: number;
  fields: Record<string, unknown>;
  /** The block as JSON. */
  output: string;
  /** What its log was told. */
  logged: string;
}

/** Runs a real step on this installation inside the test's process, which saves its start. */
export async function stepHere(home: Installation, name: string, ...argv: string[]): Promise<StepHere> {
  const load = steps.get(name);
  if (!load) throw new Error(`there is no step ${name}`);
  const step: Step = await load();
  const logged: string[] = [];
  const context = {
    home: home.home,
    root: codeRoot,
    env: { ...home.env, DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
    clock: systemClock,
    secrets: { interactive: false, read: async () => null },
    say: (line: string) => void logged.push(line),
    show() {},
    detail: (line: string) => void logged.push(line),
  };
  const first = await runStep(step, argv, context, { json: true });
  const again = answered(first.exitCode, first.output, argv);
  const { output, exitCode } = again ? await runStep(step, again, context, { json: true }) : first;
  return { exitCode, fields: JSON.parse(output), output, logged: logged.join('\n') };
}
