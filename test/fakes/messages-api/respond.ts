import type { ServerResponse } from 'node:http';
import type { Answer, ApiFailure, Broken, ModelCall, Reply } from './types.js';

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

/** Writes the reply as the API does: server-sent events or one JSON message. */
export async function respond(
  response: ServerResponse,
  call: ModelCall,
  reply: Reply,
  stream: boolean,
): Promise<void> {
  if (typeof reply === 'string') return answer(response, call, { text: reply }, stream);
  if ('status' in reply) return fail(response, reply);
  if ('broken' in reply) return breakOff(response, call, reply);
  return answer(response, call, reply, stream);
}

export function fail(response: ServerResponse, failure: ApiFailure): void {
  const type = failure.type ?? ERROR_TYPES[failure.status] ?? 'api_error';
  response.writeHead(failure.status, { 'content-type': 'application/json', ...failure.headers });
  response.end(JSON.stringify({ type: 'error', error: { type, message: failure.message ?? type } }));
}

type Send = (event: string, data: Record<string, unknown>) => void;

function openStream(response: ServerResponse): Send {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  return (event, data) => {
    if (!response.destroyed)
      response.write(`event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`);
  };
}

function message(call: ModelCall, reply: Answer) {
  return {
    id: `msg_${String(call.n).padStart(6, '0')}`,
    type: 'message',
    role: 'assistant',
    model: call.model || 'claude-scripted',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: reply.inputTokens ?? 10,
      output_tokens: 1,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    },
  };
}

const stopReason = (reply: Answer) => reply.stopReason ?? (reply.tools?.length ? 'tool_use' : 'end_turn');
const pieces = (text: Answer['text']) => (typeof text === 'string' ? [text] : (text ?? []));
const toolId = (call: ModelCall, index: number) => `toolu_${call.n}_${index}`;

async function answer(
  response: ServerResponse,
  call: ModelCall,
  reply: Answer,
  stream: boolean,
): Promise<void> {
  if (!stream) return answerWhole(response, call, reply);
  const send = openStream(response);
  send('message_start', { message: message(call, reply) });
  send('ping', {});
  let index = 0;
  const block = async (start: Record<string, unknown>, deltas: Iterable<unknown>) => {
    send('content_block_start', { index, content_block: start });
    for (const delta of deltas) send('content_block_delta', { index, delta: await delta });
    send('content_block_stop', { index });
    index += 1;
  };
  if (reply.thinking !== undefined) {
    await block({ type: 'thinking', thinking: '', signature: '' }, [
      { type: 'thinking_delta', thinking: reply.thinking },
      { type: 'signature_delta', signature: 'scripted' },
    ]);
  }
  if (reply.text !== undefined) {
    const deltas = pieces(reply.text).map(async (piece) => ({ type: 'text_delta', text: await piece }));
    await block({ type: 'text', text: '' }, deltas);
  }
  for (const [at, tool] of (reply.tools ?? []).entries()) {
    await block({ type: 'tool_use', id: tool.id ?? toolId(call, at), name: tool.name, input: {} }, [
      { type: 'input_json_delta', partial_json: JSON.stringify(tool.input) },
    ]);
  }
  send('message_delta', {
    delta: { stop_reason: stopReason(reply), stop_sequence: null },
    usage: { output_tokens: 10 },
  });
  send('message_stop', {});
  response.end();
}

async function answerWhole(response: ServerResponse, call: ModelCall, reply: Answer): Promise<void> {
  const content: Record<string, unknown>[] = [];
  if (reply.text !== undefined) {
    content.push({ type: 'text', text: (await Promise.all(pieces(reply.text))).join('') });
  }
  for (const [at, tool] of (reply.tools ?? []).entries()) {
    content.push({ type: 'tool_use', id: tool.id ?? toolId(call, at), name: tool.name, input: tool.input });
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...message(call, reply), content, stop_reason: stopReason(reply) }));
}

function breakOff(response: ServerResponse, call: ModelCall, reply: Broken): void {
  if (reply.broken === 'silence') return;
  if (reply.broken === 'refused') {
    response.destroy();
    return;
  }
  const send = openStream(response);
  send('message_start', { message: message(call, {}) });
  send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  send('content_block_delta', { index: 0, delta: { type: 'text_delta', text: reply.text ?? '' } });
  if (reply.broken === 'cut-after-block') send('content_block_stop', { index: 0 });
  if (reply.broken === 'error-event') {
    send('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
    response.end();
    return;
  }
  // Destroyed only once the bytes are out, or the client would see `refused` instead. A client that reads a whole block
  // together with the end drops both: it gets time to read the block by itself.
  const pauseMs = reply.broken === 'cut-after-block' ? 300 : 0;
  response.write(': cut\n\n', () => setTimeout(() => response.destroy(), pauseMs));
}
