import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../../src/egress/json-scanner.js';
import { Refusal } from '../../../src/egress/refusal.js';
import { createRequestRules } from '../../../src/egress/request-rules.js';

/** The reason of the refusal, or null. */
function verdict(body: unknown, serverTools: string[] = [], outward = false): string | null {
  const scanner = new JsonScanner(createRequestRules({ serverTools, outward }));
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
    ['dated context edits', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }],
    ['a search result', user({ type: 'search_result', source: 'https://example.com' })],
    ['a field named container deeper down', { metadata: { container: 'x' } }],
  ])('%s passes', (_, body) => expect(verdict(body)).toBeNull());

  it.each([
    ['mcp_servers', { mcp_servers: [] }, 'egress-field'],
    ['container', { container: 'c' }, 'egress-field'],
    ['container, written otherwise', '{"\\u0063ontainer": null', 'egress-field'],
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

  const nested = (...content: unknown[]) => user({ type: 'tool_result', tool_use_id: 't', content });
  const document = (source: unknown) => user({ type: 'document', source });

  it.each([
    ['what a tool found', nested({ type: 'text', text: 'x' }, { type: 'tool_reference', tool_name: 'Read' })],
    ['a thought and its signature', user({ type: 'thinking', thinking: '…', signature: 's' })],
    [
      'tool_choice, thinking, output_config',
      { tool_choice: { type: 'auto' }, thinking: { type: 'adaptive' } },
    ],
    ['pages that a search found', nested({ type: 'web_search_result', url: 'https://a.example' })],
    ['a field that the API adds to its answers', user({ type: 'text', text: 'x', mood: { type: 'calm' } })],
    ['a number that no reader can hold', `{"max_tokens":1e${'9'.repeat(300)},"model":"m"}`],
    ['twice the same field, both known', '{"model":"a","model":"b"}'],
    ['a system message in the middle', { messages: [{ role: 'system', output_config: { effort: 'low' } }] }],
    [
      'names of all kinds in what a tool is called with',
      user({ input: { Type: 1, __proto__x: { url: 'u' } } }),
    ],
  ])('%s passes', (_, body) => expect(verdict(body)).toBeNull());

  it.each([
    ['an unknown field', { teleport: 1 }],
    ['a known one in other letters', { Model: 'm' }],
    ['the first of two', '{"teleport":1,"model":"m"'],
    ['the second of two', '{"model":"m","\\u0074eleport":1'],
    ['one that every object has', '{"__proto__":{"mcp_servers":[]}}'],
    ['constructor', { constructor: {} }],
    ['a field of messages', { messages: [{ role: 'user', container: 'c' }] }],
    ['an object in the place of text', { model: { type: 'x' } }],
    ['an unknown block', user({ type: 'hologram' })],
    ['a block in other letters', user({ type: 'Text' })],
    ['one with a blank', user({ type: 'image ' })],
    ['one in a tool result', nested({ type: 'hologram' })],
    ['one in a document', document({ type: 'content', content: [{ type: 'hologram' }] })],
    ['one in the system prompt', { system: [{ type: 'hologram' }] }],
    ['one that is not in a list', { messages: [{ content: { type: 'hologram' } }] }],
    ['one in lists of lists', { messages: [[{ content: [[{ type: 'hologram' }]] }]] }],
    ['the second of two types', '{"messages":[{"content":[{"type":"text","type":"hologram"'],
    ['Type beside type', user({ type: 'text', Type: 'image' })],
    ['a source in other letters', user({ type: 'image', Source: { type: 'url' } })],
    ['a source with a long s', user({ type: 'image', '\u017fource': { type: 'url' } })],
    ['a source in camel case', user({ type: 'text', toolUseId: 'x' })],
    ['a field of a source', image({ type: 'base64', uri: 'x' })],
    ['a field of a tool', { tools: [{ name: 'x', endpoint: 'https://evil.example' }] }],
    ['a tool in other letters', { Tools: [] }],
    ['a change of tools that nobody knows', user({ type: 'tool_addition', tool: { type: 'tool_import' } })],
    ['70 levels', `{"messages":[${'{"content":['.repeat(70)}{"x":1}`],
  ])('%s is unknown', (_, body) => {
    expect(verdict(body)).toBe('egress-unknown');
    expect(verdict(body, ['web_search'], true)).toBe('egress-unknown');
  });

  it.each([
    ['a conversation stored under the same key', { thread: { type: 'continue', previous_message_id: 'm' } }],
    ['a tool of a foreign server', user({ type: 'mcp_tool_use', server_name: 's' }), 'egress-block'],
    ['a stored file, its type last', user({ file_id: 'f', type: 'container_upload' }), 'egress-source'],
    ['an address beside a picture', user({ type: 'image', url: 'https://evil.example' }), 'egress-source'],
    ['a foreign toolset', { tools: [{ type: 'mcp_toolset', mcp_server_name: 's' }] }, 'egress-server-tool'],
    [
      'a reference to one',
      user({ type: 'tool_addition', tool: { type: 'mcp_toolset_reference', server_name: 's' } }),
      'egress-server-tool',
    ],
    [
      'a source below a field that nobody knows',
      user({ extra: { source: { type: 'url' } } }),
      'egress-source',
    ],
    ['a tool in other letters', { tools: [{ type: 'Bash_20250124' }] }, 'egress-server-tool'],
  ])('%s is refused, but under web', (what, body, reason = 'egress-field') => {
    expect(verdict(body)).toBe(reason);
    const everywhere = what.includes('other letters');
    expect(verdict(body, [], true)).toBe(everywhere ? reason : null);
  });

  it('who pays, and where in the world, is not an agent’s to say', () => {
    expect(verdict({ billing_policy: {} }, [], true)).toBe('egress-field');
    expect(verdict({ inference_geo: 'xx' }, [], true)).toBe('egress-field');
  });

  it('names a thing in plain letters and cuts it', () => {
    const rules = createRequestRules({ serverTools: [], outward: false });
    expect(() => rules.key([], `a\u202e${'b'.repeat(500)}`)).toThrow(`the field "a?${'b'.repeat(58)}", so`);
  });

  it('lets listed server tools pass, by name or by name and date', () => {
    const tools = { tools: [{ type: 'web_search_20250305' }] };
    expect(verdict(tools, ['web_search'])).toBeNull();
    expect(verdict(tools, ['web_search_20250305'])).toBeNull();
    expect(verdict(tools, ['web_fetch', 'web'])).toBe('egress-server-tool');
  });
});
