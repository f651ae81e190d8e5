import { reasonOf, WharfieError } from '../../src/errors.js';
import type { StepContext } from '../lib/step.js';
import type { Finding, Layer } from './types.js';

/** Runs each part of a look by itself: one that throws is a finding, and hides none of the others. */
export interface Parts {
  /** What the part found out; `otherwise` where it could not be looked at. */
  look<T>(what: string, layer: Layer, work: () => T | Promise<T>, otherwise: T): Promise<T>;
  /** Of the parts that threw. */
  readonly findings: readonly Finding[];
}

export function createParts({ detail }: Pick<StepContext, 'detail'>): Parts {
  const findings: Finding[] = [];
  return {
    findings,
    async look(what, layer, work, otherwise) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Error) detail(error.stack ?? error.message);
        findings.push(asFinding(error, what, layer));
        return otherwise;
      }
    },
  };
}

function asFinding(error: unknown, what: string, layer: Layer): Finding {
  if (error instanceof WharfieError) {
    const { code, message, fix } = error;
    return { id: code, layer, severity: 'error', message, fix };
  }
  return {
    id: 'check-failed',
    layer,
    severity: 'error',
    message: `${what} could not be looked at: ${reasonOf(error).slice(0, 300)}.`,
    fix: 'Look at the end of logs/setup.log, which has all of it, then run ./wharfie verify again.',
  };
}
