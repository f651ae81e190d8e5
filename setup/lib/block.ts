import type { Fields, StepResult } from './step.js';

/** The result as the ordered fields of a status block. */
export function fieldsOf(result: StepResult): Fields {
  const fields: Fields = { STATUS: result.status, ...result.fields };
  if (result.status === 'needs_input') {
    fields.QUESTION = result.question;
    fields.OPTIONS = JSON.stringify(result.options);
  }
  if (result.status === 'failed') {
    fields.ERROR = result.error;
    fields.MESSAGE = result.message;
    fields.FIX = result.fix;
  }
  return fields;
}

/** The block that every step prints last, or the same as one JSON object. Ends with a newline. */
export function renderBlock(step: string, result: StepResult, json: boolean): string {
  const fields = fieldsOf(result);
  if (json) return `${JSON.stringify({ STEP: step, ...fields })}\n`;
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${oneLine(String(value))}`);
  return [`=== WHARFIE SETUP: ${step.toUpperCase()} ===`, ...lines, '=== END ===', ''].join('\n');
}

/** A value that is not plain becomes a JSON string, so that a block cannot be forged or misread. */
function oneLine(value: string): string {
  const special = /[\p{Cc}\u2028\u2029]|^\s|\s$|^"|^===|^$/u;
  return special.test(value) ? JSON.stringify(value) : value;
}

export function exitCodeOf(result: StepResult): number {
  if (result.status === 'needs_input') return 3;
  if (result.status === 'failed') return result.precondition ? 2 : 1;
  return 0;
}
