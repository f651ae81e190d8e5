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
    await finding.repair();
    fixed.push(finding.id);
  }
  return { left, fixed };
}

/** The block: it fails while there is one error. Errors come first. */
export function report(findings: readonly Finding[], fields: Fields): StepResult {
  const errors = findings.filter((one) => one.severity === 'error');
  const warnings = findings.filter((one) => one.severity === 'warning');
  const all: Fields = {
    RESULT: errors.length > 0 ? 'not-ready' : 'ready',
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
