import { z } from 'zod';
import { WharfieError } from '../../src/errors.js';
import { programArgs } from '../../src/own-programs.js';
import { runCommand } from '../lib/run-command.js';
import type { StepContext, StepResult } from '../lib/step.js';

const LONGEST_MS = 3_600_000;

const value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()),
]);
const blockSchema = z
  .object({
    STATUS: z.string(),
    ERROR: z.string().optional(),
    MESSAGE: z.string().optional(),
    FIX: z.string().optional(),
  })
  .catchall(value);
export type Block = z.infer<typeof blockSchema>;

/** A step of the code that lies in `root` now, which need not be the code of this process. */
export async function runStepOf(
  context: StepContext,
  { root, home }: { root: string; home: string },
  step: string,
  flags: readonly string[] = [],
): Promise<Block> {
  const args = [...programArgs('setup', root), '--step', step, '--json', '--', ...flags];
  let block: Block | null = null;
  const { tail } = await runCommand(process.execPath, args, {
    cwd: root,
    env: { ...context.env, WHARFIE_HOME: home },
    clock: context.clock,
    timeoutMs: LONGEST_MS,
    onLine(line) {
      block = parseBlock(line) ?? block;
      context.detail(line);
    },
  });
  if (block !== null) return block;
  throw new WharfieError(
    'step-silent',
    `The step ${step} of the new version ended without an answer: ${tail.slice(-3).join(' ').slice(0, 300)}`,
    'See the end of logs/setup.log.',
  );
}

/** The same for a step that has to succeed. Throws what it failed with. */
export async function mustStepOf(...call: Parameters<typeof runStepOf>): Promise<Block> {
  const block = await runStepOf(...call);
  if (block.STATUS === 'success' || block.STATUS === 'skipped') return block;
  throw failureIn(block);
}

/** The block as the result that it was made of. */
export function asResult(block: Block): StepResult {
  const { STEP: _, STATUS, ERROR, MESSAGE, FIX, ...fields } = block;
  if (STATUS === 'success' || STATUS === 'skipped') return { status: STATUS, fields };
  const { code, message, fix } = failureIn({ STATUS, ERROR, MESSAGE, FIX });
  return { status: 'failed', error: code, message, fix, fields };
}

function failureIn({
  ERROR,
  MESSAGE,
  FIX,
}: Pick<Block, 'STATUS' | 'ERROR' | 'MESSAGE' | 'FIX'>): WharfieError {
  return new WharfieError(
    ERROR ?? 'step-failed',
    MESSAGE ?? 'A step of the new version did not succeed.',
    FIX ?? 'See the end of logs/setup.log.',
  );
}

function parseBlock(line: string): Block | null {
  if (!line.startsWith('{"STEP":')) return null;
  try {
    return blockSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
