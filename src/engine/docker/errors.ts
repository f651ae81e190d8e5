import { codeOf, reasonOf } from '../../errors.js';
import { EngineError } from '../types.js';

/** The HTTP status that the engine answered with, null for everything else. */
export function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  return typeof error.statusCode === 'number' ? error.statusCode : null;
}

/** Runs a call whose subject may be gone already: null for 404. */
export async function orGone<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

const FORBIDDEN = new Set(['EACCES', 'EPERM']);

/** What went wrong with a call of the engine, with its cure. */
export function explain(error: unknown, image: string): EngineError {
  if (error instanceof EngineError) return error;
  const status = statusOf(error);
  if (status === null) return unreachable(error);
  if (status === 404 && /no such image/i.test(reasonOf(error))) return imageMissing(image, error);
  return new EngineError(
    'start-failed',
    `Docker could not start the container: ${reasonOf(error).trim().slice(0, 500)}`,
    './wharfie container, then ./wharfie verify',
    { cause: error },
  );
}

function unreachable(cause: unknown): EngineError {
  if (FORBIDDEN.has(codeOf(cause))) {
    return new EngineError(
      'engine-unreachable',
      'This user may not use the Docker engine.',
      'sudo usermod -aG docker "$USER" (then log out and in again, and start Wharfie again)',
      { cause },
    );
  }
  return new EngineError(
    'engine-unreachable',
    `The Docker engine does not answer (${codeOf(cause) || reasonOf(cause)}).`,
    'sudo systemctl start docker (where it is not installed: ./wharfie environment)',
    { cause },
  );
}

export function imageMissing(image: string, cause?: unknown): EngineError {
  return new EngineError(
    'image-missing',
    `The agent image ${image} has not been built.`,
    './wharfie container (which builds it)',
    { cause },
  );
}

export function imageStale(image: string): EngineError {
  return new EngineError(
    'image-stale',
    `The agent image ${image} was built from other sources than this checkout has.`,
    './wharfie container --rebuild (which builds it again)',
  );
}

export function mountUnsupported(why: string): EngineError {
  return new EngineError(
    'engine-mount-unsupported',
    `${why}: file locks and unix sockets do not work across its mounts.`,
    'Use Linux (or WSL2) with a Docker engine of its own on the same kernel.',
  );
}
