import { z } from 'zod';
import { WharfieError } from '../../src/errors.js';
import type { StepContext } from '../lib/step.js';
import { runStepOf } from './child.js';

const findingsSchema = z
  .array(z.object({ id: z.string(), severity: z.string(), message: z.string(), fix: z.string() }))
  .default([]);
type Finding = z.infer<typeof findingsSchema>[number];

/** What keeps a chat from its answer, as `verify` finds it. */
export async function errorsOf(context: StepContext, flags: readonly string[]): Promise<Finding[]> {
  const block = await runStepOf(context, context, 'verify', flags);
  const findings = findingsSchema.parse(block.FINDINGS);
  const errors = findings.filter((one) => one.severity === 'error');
  if (block.STATUS !== 'failed' || errors.length > 0) return errors;
  // The check itself has failed.
  const { ERROR: id = 'verify-failed', MESSAGE: message = '', FIX: fix = '' } = block;
  return [{ id, severity: 'error', message, fix }];
}

/** The host is stopped for the update, and the update has not ended. */
const OURS = new Set(['host-not-running', 'update-unfinished']);

/**
 * Throws `verify-worse` for what was not wrong before: a token that was refused already is no reason to stay with the
 * old version.
 */
export function refuseWorse(before: readonly Finding[], after: readonly Finding[]): void {
  const worse = after.filter((one) => !OURS.has(one.id) && !before.some((old) => old.id === one.id));
  const [first] = worse;
  if (!first) return;
  const ids = worse.map((one) => one.id).join(', ');
  throw new WharfieError(
    'verify-worse',
    `With the new version verify finds ${ids}: ${first.message}`,
    first.fix,
  );
}
