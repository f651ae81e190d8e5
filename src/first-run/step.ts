import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonOf } from '../json.js';

export interface StepOutcome {
  status: string;
  error: string;
  message: string;
  fix: string;
  fields: Record<string, unknown>;
}

const blockSchema = z.looseObject({
  STATUS: z.string(),
  ERROR: z.string().default(''),
  MESSAGE: z.string().default(''),
  FIX: z.string().default(''),
});

/** Runs `./wharfie <step>` in this terminal, which sees its questions and its progress, and reads its block. */
export async function runStep(root: string, args: readonly string[]): Promise<StepOutcome> {
  const child = spawn(join(root, 'wharfie'), [...args, '--json'], { stdio: ['inherit', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  const block = blockSchema.safeParse(jsonOf(output.trim().split('\n').at(-1) ?? ''));
  if (block.success) {
    const { STATUS, ERROR, MESSAGE, FIX, ...fields } = block.data;
    return { status: STATUS, error: ERROR, message: MESSAGE, fix: FIX, fields };
  }
  const fix = `./wharfie ${args.join(' ')}`;
  return { status: 'failed', error: 'no-block', message: `The step ended with ${code}.`, fix, fields: {} };
}
