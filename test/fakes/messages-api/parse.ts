import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { ModelCall, ToolResult } from './types.js';

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().optional(),
  content: z.unknown().optional(),
});
const content = z.union([z.string(), z.array(block)]);
const request = z.looseObject({
  model: z.string().default(''),
  stream: z.boolean().default(false),
  system: content.optional(),
  tools: z.array(z.looseObject({ name: z.string().default('') })).default([]),
  messages: z.array(z.looseObject({ role: z.string(), content })).default([]),
});

function textOf(value: unknown): string {
  const parsed = content.safeParse(value);
  if (!parsed.success) return '';
  if (typeof parsed.data === 'string') return parsed.data;
  return parsed.data.flatMap((part) => (part.text === undefined ? [] : [part.text])).join('\n');
}

function toolResultsOf(value: unknown): ToolResult[] {
  const parsed = z.array(block).safeParse(value);
  if (!parsed.success) return [];
  return parsed.data
    .filter((part) => part.type === 'tool_result')
    .map((part) => ({
      toolUseId: part.tool_use_id ?? '',
      isError: part.is_error ?? false,
      text: textOf(part.content),
    }));
}

/** The call as scripts see it and whether the client wants a stream; null for a body that is no request. */
export function parseCall(
  n: number,
  path: string,
  headers: IncomingHttpHeaders,
  text: string,
): { call: ModelCall; stream: boolean } | null {
  const parsed = request.safeParse(parseJson(text));
  // A request without a message is refused (docs.claude.com/en/api/messages, `messages`: required).
  if (!parsed.success || parsed.data.messages.length === 0) return null;
  const { model, system, tools, messages, stream } = parsed.data;
  const lastUser = messages.findLast((message) => message.role === 'user')?.content;
  return {
    stream,
    call: {
      n,
      path,
      headers,
      body: parsed.data,
      model,
      system: textOf(system),
      tools: tools.map((tool) => tool.name),
      messages: messages.map((message) => ({ role: message.role, text: textOf(message.content) })),
      lastUser: textOf(lastUser),
      toolResults: toolResultsOf(lastUser),
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
