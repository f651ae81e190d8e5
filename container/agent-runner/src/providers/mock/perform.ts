import { type Clock, sleep } from '../../clock.ts';
import type { Tool } from '../../mcp-tools/types.ts';
import type { ModelErrorClass } from '../types.ts';
import type { Step } from './directives.ts';

/** What one turn of the mock has to say at its end, and what it must not do again. */
export interface Play {
  notes: string[];
  replies: string[];
  alreadySent: string[];
  alreadyScheduled: string[];
}

export interface Stage {
  tools: Tool[];
  clock: Clock;
  /** Resolves when the conversation is closed. */
  closed: Promise<void>;
  remembered(): number;
  prompt(): string;
  systemPrompt: string;
  /** The agent is at work: a tool has been used. */
  working(): void;
  /** How often this failure has happened, and that it happens now. */
  failures(step: Step): number;
  fail(step: Step): void;
}

export class MockFailure extends Error {
  readonly errorClass: ModelErrorClass;

  constructor(errorClass: ModelErrorClass) {
    super(`scripted: ${errorClass}`);
    this.errorClass = errorClass;
  }
}

const CLASSES: ModelErrorClass[] = [
  'authentication',
  'rate_limit',
  'overloaded',
  'unreachable',
  'billing',
  'budget',
  'steps',
  'length',
  'invalid_request',
  'model_not_found',
  'refused',
  'transcript',
  'crashed',
];

/** Does one step. Rejects with a MockFailure where a failure was asked for. */
export async function perform(stage: Stage, play: Play, step: Step): Promise<void> {
  const { verb, rest } = step;
  const [first = '', ...others] = rest.split(' ');
  const tail = others.join(' ');
  switch (verb) {
    case 'echo':
      play.replies.push(`Mock agent (no model answers here). You said: ${rest}`);
      return;
    case 'news':
      play.replies.push(`[mock] news: ${rest}`);
      return;
    case 'reply':
      play.replies.push(rest);
      return;
    case 'note':
      play.notes.push(rest);
      return;
    case 'recall':
      play.replies.push(`[mock] I remember ${stage.remembered()}`);
      return;
    case 'prompt':
      play.replies.push(stage.prompt());
      return;
    case 'instructions':
      play.replies.push(stage.systemPrompt);
      return;
    case 'send':
      if (!skip(play.alreadySent, rest)) await use(stage, play, 'send_message', { text: rest });
      return;
    case 'sendto':
      if (!skip(play.alreadySent, tail)) await use(stage, play, 'send_message', { to: first, text: tail });
      return;
    case 'schedule':
      if (!skip(play.alreadyScheduled, rest)) await use(stage, play, 'schedule_task', { prompt: rest });
      return;
    case 'file':
      return use(stage, play, 'send_file', { path: rest });
    case 'edit':
      return use(stage, play, 'edit_message', { messageId: Number(first), text: tail });
    case 'react':
      return use(stage, play, 'add_reaction', { messageId: Number(first), emoji: tail });
    case 'silent':
      return use(stage, play, 'stay_silent', { reason: rest || 'asked to' });
    case 'call':
      return use(stage, play, first, JSON.parse(tail || '{}'));
    case 'sleep':
      await Promise.race([sleep(stage.clock, Number(first)), stage.closed]);
      return;
    case 'hang':
      return stage.closed;
    case 'error':
      return failAsAsked(stage, step, first, Number(others[0] ?? Number.POSITIVE_INFINITY));
    case 'exit':
      process.exit(Number(first || 1));
  }
}

function failAsAsked(stage: Stage, step: Step, name: string, times: number): void {
  if (stage.failures(step) >= times) return;
  stage.fail(step);
  throw new MockFailure(CLASSES.find((one) => one === name) ?? 'unknown');
}

function skip(done: string[], item: string): boolean {
  const index = done.indexOf(item);
  if (index >= 0) done.splice(index, 1);
  return index >= 0;
}

async function use(stage: Stage, play: Play, name: string, args: unknown): Promise<void> {
  const tool = stage.tools.find((one) => one.name === name);
  const result = await tool?.call(args);
  if (!result) return void play.replies.push(`[mock] no tool ${name}`);
  stage.working();
  if (result.isError || name.startsWith('list_')) play.replies.push(`[mock] ${name}: ${result.text}`);
}
