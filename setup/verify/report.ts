import { reasonOf } from '../../src/errors.js';
import type { Fields, StepResult } from '../lib/step.js';
import type { Finding } from './types.js';

/** A `--fix` repairs what is safe to repair; returns what is left, and the ids of what is not there any more. */
export async function repairAll(findings: readonly Finding[]): Promise<{ left: Finding[]; fixed: string[] }> {
  const left: Finding[] = [];
  const fixed: string[] = [];
  for (const finding of findings) {
    if (!finding.repair) {
      left.push(finding);
      continue;
    }
    try {
      await finding.repair();
      fixed.push(finding.id);
    } catch (error) {
      // The others are repaired, and the report is made, all the same.
      left.push({ ...finding, message: `${finding.message} It could not be repaired: ${reasonOf(error)}.` });
    }
  }
  return { left, fixed };
}

/** What a run was about that did not ask everybody. */
export interface Scope {
  /** Neither the model nor the platforms were asked, so that nobody knows whether they would answer. */
  offline: boolean;
}

/** The block: it fails while there is one error. Errors come first. */
export function report(
  findings: readonly Finding[],
  fields: Fields,
  { offline }: Scope = { offline: false },
): StepResult {
  const errors = findings.filter((one) => one.severity === 'error');
  const warnings = findings.filter((one) => one.severity === 'warning');
  const all: Fields = {
    RESULT: errors.length > 0 ? 'not-ready' : offline ? 'nothing-found' : 'ready',
    ...(errors.length === 0 &&
      offline && { NOTE: 'neither the model nor the platforms were asked: ./wharfie verify does' }),
    ERRORS: errors.length,
    WARNINGS: warnings.length,
    ...fields,
    FINDINGS: [...errors, ...warnings].map(({ id, severity, message, fix }) => ({
      id,
      severity,
      message,
      fix,
    })),
  };
  const [first] = errors;
  if (!first) return { status: 'success', fields: all };
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return {
    status: 'failed',
    error: 'not-ready',
    message: `${first.id}: ${first.message}${more}`,
    fix: first.fix,
    fields: all,
  };
}

/** What `--fix` asks before it starts the host anew. */
export function askRestart(findings: readonly Finding[], result: StepResult): StepResult {
  const ids = [...new Set(findings.map((one) => one.id))].join(', ');
  return {
    status: 'needs_input',
    question: `Only a host that is started anew is rid of ${ids}. Start it anew now? Agents at work go on, and no message is lost.`,
    options: ['./wharfie verify --fix --restart', 'later'],
    ...(result.fields && { fields: result.fields }),
  };
}
