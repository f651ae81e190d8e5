import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import { describe, expect, it } from 'vitest';
import { createWritten } from '../src/providers/claude/written.ts';

/** Only what the collector looks at; the program's messages carry much more. */
const message = (fields: Record<string, unknown>) => fields as unknown as SDKMessage;
const text = (words: string) => ({ type: 'text', text: words });
const tool = { type: 'tool_use', id: 't', name: 'Bash', input: {} };
let count = 0;
function part(id: string, block: Record<string, unknown>, more: Record<string, unknown> = {}): SDKMessage {
  count += 1;
  const own = { id, model: 'claude', stop_reason: null, content: [block] };
  return message({ type: 'assistant', uuid: `u${count}`, parent_tool_use_id: null, message: own, ...more });
}
const stream = (event: Record<string, unknown>, parent: string | null = null) =>
  message({ type: 'stream_event', parent_tool_use_id: parent, event });
const begin = (id: string, parent: string | null = null) =>
  stream({ type: 'message_start', message: { id } }, parent);
const stop = (reason: string, parent: string | null = null) =>
  stream({ type: 'message_delta', delta: { stop_reason: reason } }, parent);

function written(...messages: SDKMessage[]) {
  const collector = createWritten();
  for (const one of messages) collector.hear(one);
  return collector.take();
}

describe('what the model has written', () => {
  it('is one text for each answer, its blocks as they are', () => {
    const [answer] = written(begin('a'), part('a', text('one ')), part('a', text('two')), stop('end_turn'));
    expect(answer).toEqual({ text: 'one two', beforeTool: false, end: 'whole' });
  });

  it('does not let words run together around a tool call or a thought', () => {
    const blocks = [
      text('Before.'),
      tool,
      text('After.'),
      { type: 'thinking', thinking: 'hm' },
      text('\nEnd'),
    ];
    const [answer] = written(...blocks.map((block) => part('a', block)));
    expect(answer).toMatchObject({ text: 'Before.\n\nAfter.\nEnd', beforeTool: true });
  });

  it.each([
    ['end_turn', 'whole'],
    ['tool_use', 'whole'],
    ['stop_sequence', 'whole'],
    ['max_tokens', 'cut'],
    ['model_context_window_exceeded', 'cut'],
    ['pause_turn', 'cut'],
    ['refusal', 'declined'],
  ])('an answer that stopped with %s is %s', (reason, end) => {
    expect(written(begin('a'), part('a', text('x')), stop(reason))[0]?.end).toBe(end);
    const own = { id: 'a', model: 'claude', stop_reason: reason, content: [text('x')] };
    expect(written(part('a', text(''), { message: own }))[0]?.end).toBe(end);
  });

  it('an answer whose end was not heard was cut; what a subagent streams meanwhile is not its end', () => {
    const a = part('a', text('x'));
    const meanwhile = [begin('sub', 'toolu_1'), stop('end_turn', 'toolu_1')];
    expect(written(begin('a'), a, ...meanwhile)[0]?.end).toBe('cut');
    expect(written(begin('a'), a, ...meanwhile, stop('end_turn'))[0]?.end).toBe('whole');
  });

  it('is nothing of a subagent, of the program, or of an error', () => {
    const synthetic = { id: 's', model: '<synthetic>', stop_reason: null, content: [text('No response')] };
    const others = [
      part('a', text('inner'), { parent_tool_use_id: 'toolu_1' }),
      part('b', text(''), { message: synthetic }),
      part('c', text('API Error'), { error: 'overloaded' }),
    ];
    expect(written(...others)).toEqual([]);
  });

  it('is nothing that was taken back', () => {
    const first = part('a', text('taken back'));
    const second = part('b', text('replaced'));
    const third = part('c', text('stays'), { supersedes: [second.uuid] });
    const fallback = { type: 'system', subtype: 'model_refusal_fallback' };
    const notice = message({ ...fallback, retracted_message_uuids: [first.uuid] });
    expect(written(first, second, third, notice).map((answer) => answer.text)).toEqual(['stays']);
  });

  it('is heard once, also where the program says it again, and never in the next turn', () => {
    const collector = createWritten();
    const one = part('a', text('once'));
    for (const heard of [one, one]) collector.hear(heard);
    expect(collector.take().map((answer) => answer.text)).toEqual(['once']);
    expect(collector.take()).toEqual([]);
  });
});
