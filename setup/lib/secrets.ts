import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { type Clock, sleep } from '../../src/clock.js';
import { WharfieError } from '../../src/errors.js';
import { nearest, UsageError } from './flags.js';

export interface WantedSecret {
  /** Its name in `.env`, and before the `=` of a line of standard input. */
  name: string;
  /** What a person is asked on a terminal. */
  question: string;
}

/** Where secrets come from: never from the command line, where every user of the machine can read them. */
export interface SecretSource {
  /** A person answers: questions may be asked one after another. */
  readonly interactive: boolean;
  /**
   * On a terminal a hidden question for each of `wanted`, else key=value lines of standard input, of which `accepted`
   * (default: the wanted) may be given. Null: nothing was given. Throws a UsageError for a line that is no such pair.
   */
  read(wanted: readonly WantedSecret[], accepted?: readonly string[]): Promise<Record<string, string> | null>;
}

const LONGEST_INPUT = 200_000;
/** A standard input that nobody writes to and nobody closes must not hold a step for ever. */
const PATIENCE_MS = 10_000;

export function createSecretSource(deps: {
  input: NodeJS.ReadStream;
  output: NodeJS.WritableStream;
  clock: Clock;
}): SecretSource {
  const { input, output, clock } = deps;
  const interactive = input.isTTY === true;
  return {
    interactive,
    async read(wanted, accepted = wanted.map((one) => one.name)) {
      if (!interactive) return parsePairs(await readAll(input, clock), accepted);
      const answers = await askHidden(input, output, wanted);
      return Object.keys(answers).length > 0 ? answers : null;
    },
  };
}

async function readAll(input: NodeJS.ReadStream, clock: Clock): Promise<string> {
  const iterator = input[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const next = await Promise.race([iterator.next(), sleep(clock, PATIENCE_MS).then(() => null)]);
    if (next === null || next.done) break;
    const chunk = Buffer.from(next.value);
    size += chunk.length;
    if (size > LONGEST_INPUT) throw unreadable('It is too long.');
    chunks.push(chunk);
  }
  input.destroy();
  return Buffer.concat(chunks).toString('utf8');
}

/** The value is all that follows the first `=`: no quotes, no comments, so that any secret can be given as it is. */
function parsePairs(text: string, accepted: readonly string[]): Record<string, string> | null {
  const pairs: Record<string, string> = {};
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const [, name, value = ''] = /^\s*([A-Za-z_]\w*)\s*=(.*)$/.exec(line) ?? [];
    if (name === undefined) throw unreadable('A line is not NAME=value.');
    if (!accepted.includes(name)) {
      throw new UsageError(
        'unknown-secret',
        `${name} is not asked for here.`,
        `Did you mean ${nearest(name, accepted)}?`,
      );
    }
    if (value.trim() !== '') pairs[name] = value.trim();
  }
  return Object.keys(pairs).length > 0 ? pairs : null;
}

function unreadable(why: string): UsageError {
  return new UsageError(
    'input-unreadable',
    `Standard input could not be read. ${why}`,
    'Give one NAME=value line for each.',
  );
}

/** The answer to each question, one line each, from a terminal that does not show them. */
async function askHidden(
  input: NodeJS.ReadStream,
  output: NodeJS.WritableStream,
  wanted: readonly WantedSecret[],
): Promise<Record<string, string>> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // The terminal stops showing keys here, before the first question: what is pasted early is hidden too.
  const terminal = createInterface({ input, output: nowhere, terminal: true });
  terminal.once('SIGINT', () => terminal.close());
  const lines = terminal[Symbol.asyncIterator]();
  const answers: Record<string, string> = {};
  try {
    for (const { name, question } of wanted) {
      output.write(`${question}: `);
      const { value, done } = await lines.next();
      output.write('\n');
      if (done) throw cancelled();
      if (value.trim() !== '') answers[name] = value.trim();
    }
    return answers;
  } finally {
    terminal.close();
  }
}

function cancelled(): WharfieError {
  return new WharfieError('cancelled', 'Cancelled: nothing was written.', 'Run the step again.');
}
