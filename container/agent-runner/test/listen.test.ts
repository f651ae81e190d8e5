import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import { describe, expect, it } from 'vitest';
import { classifyError, classifyThrow } from '../src/providers/claude/classify.ts';
import { createListener } from '../src/providers/claude/listen.ts';
import type { ProviderEvent } from '../src/providers/types.ts';

/** Only what the listener looks at; the program's messages carry much more. */
const message = (fields: Record<string, unknown>) => fields as unknown as SDKMessage;
const replay = (uuid: string) => message({ type: 'user', isReplay: true, uuid });
const result = (fields: Record<string, unknown> = {}) =>
  message({ type: 'result', subtype: 'success', is_error: false, result: 'text', ...fields });

function listen(pushed: string[], messages: SDKMessage[]): ProviderEvent[] {
  const events: ProviderEvent[] = [];
  const listener = createListener((event) => events.push(event));
  for (const uuid of pushed) listener.pushed(uuid);
  for (const one of messages) listener.hear(one);
  return events;
}

describe('what the program says', () => {
  it('a result closes what was replayed before it, and only that', () => {
    expect(listen(['a', 'b'], [replay('a'), result(), replay('b'), result()])).toEqual([
      { type: 'taken-in', uuid: 'a' },
      { type: 'result', answers: [] },
      { type: 'taken-in', uuid: 'b' },
      { type: 'result', answers: [] },
    ]);
  });

  it('a replay that was missed is made up for by the result', () => {
    expect(listen(['a', 'b'], [replay('a'), result({ user_message_uuids: ['a', 'b'] })])).toContainEqual({
      type: 'taken-in',
      uuid: 'b',
    });
    expect(listen(['a'], [result()])).toContainEqual({ type: 'taken-in', uuid: 'a' });
  });

  it('neither a strange replay nor a compaction closes anything', () => {
    const compaction = message({ type: 'system', subtype: 'compact_boundary' });
    expect(listen(['a'], [replay('x'), compaction])).toEqual([]);
  });

  it('errors come as results that call themselves a success', () => {
    const synthetic = message({ type: 'assistant', error: 'overloaded' });
    const failed = result({ is_error: true, api_error_status: 529, result: 'API Error: 529' });
    expect(listen(['a'], [replay('a'), synthetic, failed]).slice(1)).toEqual([
      { type: 'error', errorClass: 'overloaded', detail: 'API Error: 529', answers: [] },
    ]);
  });

  it.each([
    ['error_max_turns', [], 'steps'],
    ['error_max_budget_usd', [], 'budget'],
    ['error_during_execution', ['No conversation found with session ID: 1'], 'transcript'],
    ['error_during_execution', ['boom'], 'crashed'],
  ])('%s %j is %s', (subtype, errors, errorClass) => {
    expect(listen(['a'], [replay('a'), result({ subtype, errors, is_error: true })])[1]).toMatchObject({
      errorClass,
    });
  });

  it('a declined answer is no invalid request, after which nothing could go on', () => {
    const declined = message({ type: 'assistant', error: 'invalid_request' });
    const end = result({ is_error: true, stop_reason: 'refusal', api_error_status: null });
    expect(listen(['a'], [declined, end]).at(-1)).toMatchObject({ errorClass: 'refused' });
  });

  it.each([
    ['authentication_failed', 401, 'authentication'],
    ['unknown', null, 'unreachable'],
    ['unknown', 503, 'overloaded'],
    ['unknown', 429, 'rate_limit'],
    ['model_not_found', 404, 'model_not_found'],
    ['billing_error', 402, 'billing'],
  ] as const)('%s with status %s is %s', (error, status, expected) => {
    expect(classifyError(error, status)).toBe(expected);
  });

  it('what is thrown is a lost transcript or a crash', () => {
    expect(classifyThrow('Error: No conversation found with session ID: 1')).toBe('transcript');
    expect(classifyThrow('Claude Code process exited with code 137')).toBe('crashed');
  });
});
