import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../../src/egress/json-scanner.js';
import { Refusal } from '../../../src/egress/refusal.js';
import { createRequestRules } from '../../../src/egress/request-rules.js';

/** The reason of the refusal, or null. */
function verdict(body: unknown, serverTools: string[] = []): string | null {
  const scanner = new JsonScanner(createRequestRules(serverTools));
  try {
    scanner.write(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

const user = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] });
const image = (source: unknown) => user({ type: 'image', source });

describe('what a model request may hold', () => {
  it.each([
    ['text', user({ type: 'text', text: '{"mcp_servers": "container"}' })],
    ['an inline image', image({ type: 'base64', media_type: 'image/png', data: 'AAAA' })],
    [
      'an inline document',
      user({ type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'x' }] } }),
    ],
    ['own tools', { tools: [{ name: 'Bash', input_schema: { properties: { source: { type: 'url' } } } }] }],
    [
      'tools of the client',
      { tools: [{ type: 'bash_20250124' }, { type: 'custom' }, { type: 'tool_search_tool_regex_20251119' }] },
    ],
    [
      'a tool call that speaks of sources',
      user({ type: 'tool_use', input: { source: { type: 'url', url: 'x' } } }),
    ],
    ['a tool call that speaks of tools', user({ type: 'tool_use', input: { type: 'web_fetch_20260318' } })],
    ['a tool added in mid-conversation', user({ tool: { definition: { type: 'custom', name: 'x' } } })],
    [
      'a tool call whose input has names in other letters',
      user({ type: 'tool_use', input: { Type: 'x', URL: 'y' } }),
    ],
    ['dated context edits', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }],
    ['a search result', user({ type: 'search_result', source: 'https://example.com' })],
    ['a field named container deeper down', { metadata: { container: 'x' } }],
  ])('%s passes', (_, body) => expect(verdict(body)).toBeNull());

  it.each([
    ['mcp_servers', { mcp_servers: [] }, 'egress-field'],
    ['container', { container: 'c' }, 'egress-field'],
    ['container, written otherwise', '{"\\u0063ontainer": null', 'egress-field'],
    ['what is kept for others under the same key', { thread: { type: 'create' } }, 'egress-field'],
    ['whom to charge', { billing_policy: { bill_to: 'user_profile' } }, 'egress-field'],
    ['where it is computed', { inference_geo: 'us' }, 'egress-field'],
    ['a field in other letters', { Messages: [] }, 'egress-field'],
    ['a field that nobody knows', { teleport: true }, 'egress-field'],
    ['a type in other letters', image({ Type: 'url' }), 'egress-field'],
    ['a source in other letters', user({ type: 'image', sOurce: {} }), 'egress-field'],
    ['a block that nobody knows', user({ type: 'teleport' }), 'egress-block'],
    ['a block in other letters', user({ type: 'Text', text: 'x' }), 'egress-block'],
    ['one in a tool result', user({ type: 'tool_result', content: [{ type: 'teleport' }] }), 'egress-block'],
    ['one in the system prompt', { system: [{ type: 'teleport' }] }, 'egress-block'],
    ['an image by URL', image({ type: 'url', url: 'https://evil.example/?q=' }), 'egress-source'],
    ['a type that nobody knows', image({ type: 'uri' }), 'egress-source'],
    ['a URL beside an inline type', image({ type: 'base64', url: 'x' }), 'egress-source'],
    ['a stored file', image({ type: 'base64', file_id: 'f' }), 'egress-source'],
    [
      'the second of two types',
      '{"messages":[{"content":[{"source":{"type":"base64","type":"url"',
      'egress-source',
    ],
    ['a source in a list', image([{ type: 'url' }]), 'egress-source'],
    [
      'an image by URL in a tool result',
      user({ type: 'tool_result', content: [{ type: 'image', source: { type: 'url' } }] }),
      'egress-source',
    ],
    [
      'a nested one',
      user({ type: 'document', source: { type: 'content', content: [{ source: { type: 'url' } }] } }),
      'egress-source',
    ],
    ['a source in the system prompt', { system: [{ source: { type: 'url' } }] }, 'egress-source'],
    [
      'a tool of the server',
      { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      'egress-server-tool',
    ],
    ['a tool that nobody knows', { tools: [{ type: 'teleport_20300101' }] }, 'egress-server-tool'],
    [
      'a tool added in mid-conversation',
      user({
        type: 'tool_addition',
        tool: { type: 'tool_definition', definition: { type: 'web_fetch_20260318' } },
      }),
      'egress-server-tool',
    ],
    ['one without a date', user({ tool: { definition: { type: 'mcp_toolset' } } }), 'egress-server-tool'],
    [
      'one in a place that nobody knows',
      user({ extra: [{ type: 'web_fetch_20260318' }] }),
      'egress-server-tool',
    ],
    ['a stored file for a container', user({ type: 'container_upload', file_id: 'f' }), 'egress-source'],
    ['one that begins like a known one', { tools: [{ type: 'bashful_20250124' }] }, 'egress-server-tool'],
  ])('%s is refused', (_, body, reason) => expect(verdict(body)).toBe(reason));

  it('lets listed server tools pass, by name or by name and date', () => {
    const tools = { tools: [{ type: 'web_search_20250305' }] };
    expect(verdict(tools, ['web_search'])).toBeNull();
    expect(verdict(tools, ['web_search_20250305'])).toBeNull();
    expect(verdict(tools, ['web_fetch', 'web'])).toBe('egress-server-tool');
  });
});
