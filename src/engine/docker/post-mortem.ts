import { constants } from 'node:os';
import type { Container, ContainerInspectInfo } from 'dockerode';
import { createLogTail } from '../shared/log-tail.js';
import type { ExitReport } from '../types.js';
import { orGone, statusOf } from './errors.js';
import { frameContents } from './frames.js';

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** A program that a signal ended leaves 128 + its number. */
const SIGNALLED = 128;
const LINES = 50;

/** What a container that somebody else removed leaves to say. */
export const NOTHING_KNOWN: ExitReport = { exitCode: null, signal: null, outOfMemory: false, logTail: [] };

/**
 * Reads why an ended container ended, then removes it. The out-of-memory flag counts only together with a SIGKILL: the
 * engine sets it too when the kernel killed a child and the program went on.
 */
export async function postMortem(
  container: Container,
  state: ContainerInspectInfo['State'],
): Promise<ExitReport> {
  const logs = await orGone(
    container.logs({ stdout: false, stderr: true, tail: LINES, follow: false }),
  ).catch(
    // A log that cannot be read must not keep the container.
    () => null,
  );
  await removeContainer(container, { force: false });
  const tail = createLogTail();
  if (logs) tail.push(frameContents(logs));
  const signal = SIGNALS.get(state.ExitCode - SIGNALLED) ?? null;
  return {
    exitCode: signal === null ? state.ExitCode : null,
    signal,
    outOfMemory: state.OOMKilled && signal === 'SIGKILL',
    logTail: tail.lines(),
  };
}

/**
 * Removes it; with `force` also while it runs. One that is gone, being removed already, or (without `force`) started by
 * somebody meanwhile, is fine.
 */
export async function removeContainer(container: Container, { force }: { force: boolean }): Promise<void> {
  try {
    await container.remove({ force, v: true });
  } catch (error) {
    const status = statusOf(error);
    if (status !== 404 && status !== 409) throw error;
  }
}
