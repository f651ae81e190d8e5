import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { reasonOf } from '../errors.ts';
import type { Tool } from '../mcp-tools/types.ts';
import { stepsOf } from './mock/directives.ts';
import { MockFailure, type Play, perform, type Stage } from './mock/perform.ts';
import { createTranscript, type Transcript } from './mock/transcript.ts';
import type { AgentProvider, Answer, Conversation, OpenOptions, PushInput } from './types.ts';

/**
 * An agent without a model: it does what messages tell it (mock/directives.ts) and otherwise echoes, saying that it is
 * the mock. It takes messages in, uses tools, remembers and fails in the way a real provider does.
 */
export function createMockProvider(deps: { clock: Clock; transcriptFile: string }): AgentProvider {
  const transcript = createTranscript(deps.transcriptFile);
  return {
    name: 'mock',
    open: (options) => openMock(deps.clock, transcript, options),
    async recall(continuation, uuids) {
      const lines = transcript.of(continuation);
      if (lines.length === 0) return null;
      const known = uuids.filter((uuid) => lines.some((line) => line.uuid === uuid));
      return { uuids: new Set(known), answers: [] };
    },
  };
}

function openMock(clock: Clock, transcript: Transcript, options: OpenOptions): Conversation {
  const { tools, systemPrompt } = options;
  const conversation = options.continuation ?? `mock_${randomBytes(8).toString('hex')}`;
  if (options.continuation === null) transcript.append({ conversation });
  const queue: PushInput[] = [];
  let [running, over] = [false, false];
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const emit: OpenOptions['onEvent'] = (event) => {
    if (!over) options.onEvent(event);
  };
  const playAll = async () => {
    running = true;
    while (queue.length > 0 && !over) await playTurn();
    running = false;
  };
  const playTurn = async () => {
    const taken: PushInput[] = [];
    const stage = stageOf({
      tools,
      clock,
      transcript,
      closed,
      systemPrompt,
      conversation,
      taken,
      working: () => emit({ type: 'working' }),
    });
    const play: Play = { notes: [], replies: [], alreadySent: [], alreadyScheduled: [] };
    const steps = [...takeIn(play, taken)];
    try {
      for (let step = steps.shift(); step; step = steps.shift()) {
        await perform(stage, play, step);
        if (over) return;
        steps.push(...takeIn(play, taken));
      }
      emit({ type: 'working' });
      emit({ type: 'result', answers: answersOf(play) });
    } catch (error) {
      const errorClass = error instanceof MockFailure ? error.errorClass : 'unknown';
      queue.length = 0;
      emit({ type: 'error', errorClass, detail: reasonOf(error), answers: answersOf(play) });
    }
  };
  const takeIn = (play: Play, taken: PushInput[]) =>
    queue.splice(0).flatMap((input) => {
      const before = transcript.of(conversation);
      const again = before.filter((line) => line.uuid !== undefined && input.done?.uuids.includes(line.uuid));
      play.alreadySent.push(...(input.done?.texts ?? []));
      play.alreadyScheduled.push(...(input.done?.tasks ?? []));
      transcript.append({ conversation, uuid: input.uuid, prompt: input.text });
      taken.push(input);
      emit({ type: 'taken-in', uuid: input.uuid });
      return [...again.flatMap((line) => stepsOf(line.prompt ?? '')), ...stepsOf(input.text)];
    });
  emit({ type: 'continuation', value: conversation });
  return {
    push(input) {
      queue.push(input);
      if (!running) void playAll();
    },
    async close() {
      over = true;
      close();
    },
  };
}

function answersOf({ notes, replies }: Play): Answer[] {
  const working = notes.map((text): Answer => ({ text, beforeTool: true, end: 'whole' }));
  return [...working, { text: replies.join('\n'), beforeTool: false, end: 'whole' }];
}

function stageOf(parts: {
  tools: Tool[];
  clock: Clock;
  transcript: Transcript;
  closed: Promise<void>;
  systemPrompt: string;
  conversation: string;
  taken: PushInput[];
  working(): void;
}): Stage {
  const { transcript, conversation, taken, ...rest } = parts;
  const key = (step: { verb: string; rest: string }) => `${step.verb} ${step.rest}`;
  return {
    ...rest,
    remembered: () =>
      transcript.of(conversation).filter((line) => line.uuid !== undefined).length - taken.length,
    prompt: () => taken.map((input) => input.text).join('\n'),
    failures: (step) => transcript.all().filter((line) => line.failed === key(step)).length,
    fail: (step) => transcript.append({ conversation, failed: key(step) }),
  };
}
