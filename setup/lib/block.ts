import type { Fields, FieldValue, StepResult } from './step.js';

/** The result as the ordered fields of a status block. */
function fieldsOf(result: StepResult): Fields {
  const fields: Fields = { STATUS: result.status, ...result.fields };
  if (result.status === 'needs_input') {
    fields.QUESTION = result.question;
    fields.OPTIONS = result.options;
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
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${oneLine(value, name === 'NAME')}`);
  return [`=== WHARFIE SETUP: ${step.toUpperCase()} ===`, ...lines, '=== END ===', ''].join('\n');
}

/** Also what turns the direction of all that follows on a terminal's line; letters of any script stay as they are. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const NOT_PLAIN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]|^\s|\s$|^"|^===|^$/u;

/** A value that is not plain becomes a JSON string, so that a block cannot be forged or misread; a name is none ever. */
function oneLine(value: FieldValue, quoted: boolean): string {
  const plain = !quoted && typeof value !== 'object' && !NOT_PLAIN.test(String(value));
  if (plain) return String(value);
  return JSON.stringify(value).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function exitCodeOf(result: StepResult): number {
  if (result.status === 'needs_input') return 3;
  if (result.status === 'failed') return result.precondition ? 2 : 1;
  return result.found ? 1 : 0;
}
