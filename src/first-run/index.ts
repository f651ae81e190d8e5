import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { jsonOf } from '../json.js';
import { sentences } from '../voice/index.js';
import { runStep, type StepOutcome } from './step.js';

/** A question that was answered is not asked again, whatever the answer was; the sentence behind it says how to change it. */
const QUESTIONS = ['image', 'key', 'place'] as const;
type Question = (typeof QUESTIONS)[number];

const stateSchema = z.object({ answered: z.array(z.enum(QUESTIONS)) }).catch({ answered: [] });
const fieldsSchema = z.looseObject({
  DOCKER_USABLE: z.boolean().optional(),
  DOCKER_FIX: z.string().optional(),
  IMAGE: z.string().optional(),
  CREDENTIAL: z.string().optional(),
  REGISTERED_GROUPS: z.number().optional(),
});

export interface FirstRunDeps {
  /** The checkout, with `./wharfie`. */
  root: string;
  /** The installation's `data/`. */
  data: string;
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
}

/** Ctrl-C at a question. */
export class FirstRunStopped extends Error {
  override readonly name = 'FirstRunStopped';
}

/**
 * Makes the agent real, in at most three questions, each with a default: its box, its key, and where to talk to it. Goes on
 * where it was stopped. What it does are steps that a person could run. Gives what is to be done once the host runs; null:
 * nothing. Throws a FirstRunStopped.
 */
export async function firstRun(deps: FirstRunDeps): Promise<(() => Promise<void>) | null> {
  const { first } = sentences;
  const state = createState(deps.data);
  if (QUESTIONS.every(state.has)) return null;
  const print = (line: string) => void deps.output.write(`${line}\n`);
  const step = async (...args: string[]) => {
    const outcome = await runStep(deps.root, args);
    if (outcome.error === 'cancelled') throw new FirstRunStopped(first.stopped());
    return outcome;
  };
  print(first.looking());
  const found = fieldsSchema.parse((await step('environment')).fields);
  if (found.DOCKER_USABLE !== true) {
    print(first.noDocker({ fix: found.DOCKER_FIX ?? '' }));
    return null;
  }
  if (found.IMAGE === 'present') state.add('image');
  if (found.CREDENTIAL !== 'missing') state.add('key');
  // Somebody who has chats already knows where to talk.
  if ((found.REGISTERED_GROUPS ?? 0) > 1) state.add('place');

  if (!state.has('image')) {
    if (await yes(deps, first.askImage())) {
      const built = await step('container');
      tell(print, built);
      if (isDone(built)) state.add('image');
    } else {
      state.add('image');
      print(first.later({ fix: './wharfie container' }));
    }
  }
  if (!state.has('key')) {
    print(first.askKey());
    const given = await step('credentials', '--provider', 'static');
    // Nothing was typed: that is an answer, too.
    const isLater = given.status === 'needs_input';
    if (isLater) print(first.later({ fix: './wharfie credentials --provider static' }));
    else tell(print, given);
    if (given.status !== 'failed') state.add('key');
  }
  if (state.has('place')) return null;
  const place = await ask(deps, first.askPlace());
  state.add('place');
  if (place.trim() !== '2') return null;
  for (const flags of [
    ['--enable', 'telegram'],
    ['--auth', 'telegram'],
  ]) {
    const done = await step('channel', ...flags);
    if (isDone(done)) continue;
    tell(print, done);
    return null;
  }
  return async () => {
    const pair = ['--channel', 'telegram', '--folder', 'main', '--name', 'Telegram', '--is-main'];
    tell(print, await step('pair', ...pair));
  };
}

function tell(print: (line: string) => void, { status, message, fix, fields }: StepOutcome): void {
  if (status === 'failed') print([message, fix].filter(Boolean).join('\n'));
  else if (status === 'needs_input') print(String(fields.QUESTION ?? ''));
  else print(sentences.first.done({ what: String(fields.RESULT ?? status) }));
}

const isDone = ({ status }: StepOutcome) => status === 'success' || status === 'skipped';

async function ask({ input, output }: FirstRunDeps, question: string): Promise<string> {
  const lines = createInterface({ input, output });
  const stopped = new AbortController();
  lines.on('SIGINT', () => stopped.abort());
  // The end of the input is an answer as well: the default of each question.
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(`${question} `, { signal: stopped.signal }), ended]);
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    throw new FirstRunStopped(sentences.first.stopped());
  } finally {
    lines.close();
  }
}

const yes = async (deps: FirstRunDeps, question: string) => !/^\s*n/i.test(await ask(deps, question));

function createState(data: string) {
  const file = join(data, 'first-run.json');
  const read = () => {
    try {
      return stateSchema.parse(jsonOf(readFileSync(file, 'utf8')));
    } catch {
      return { answered: [] };
    }
  };
  const answered = new Set<Question>(read().answered);
  return {
    has: (question: Question) => answered.has(question),
    add(question: Question) {
      answered.add(question);
      mkdirSync(data, { recursive: true });
      writeFileSync(file, JSON.stringify({ answered: [...answered] }));
    },
  };
}
