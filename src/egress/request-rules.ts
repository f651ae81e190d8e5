import type { JsonVisitor } from './json-scanner.js';
import { Refusal } from './refusal.js';

/** Tools that the client runs itself (or that only search among the tools given): no door to anywhere. */
const CLIENT_TOOLS = [
  'bash',
  'text_editor',
  'computer',
  'memory',
  'tool_search_tool_regex',
  'tool_search_tool_bm25',
];
const DATE = /_\d{8}$/;
const INLINE_SOURCES = new Set(['base64', 'text', 'content']);
/**
 * What a request may hold (platform.claude.com/docs/en/api/messages/create and …/api/beta/messages/create). By the others the
 * API would reach out (`mcp_servers`), into what is stored under the same key (`container`, `thread`), charge somebody
 * (`billing_policy`, `user_profile_id`) or work elsewhere (`inference_geo`); one that is new is refused until somebody has looked at it.
 */
export const FIELDS: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'max_tokens', 'system', 'metadata', 'stop_sequences', 'stream', 'service_tier'],
  ...['temperature', 'top_k', 'top_p', 'tools', 'tool_choice', 'thinking', 'output_config', 'output_format'],
  ...['cache_control', 'context_management', 'compaction', 'diagnostics', 'speed'],
  ...['fallbacks', 'fallback_credit_token'],
]);
/** Blocks of a conversation; what the API makes of a server's tools comes back in the next request as its own data. */
export const BLOCKS: ReadonlySet<string> = new Set([
  ...[
    'text',
    'image',
    'document',
    'search_result',
    'thinking',
    'redacted_thinking',
    'compaction',
    'fallback',
  ],
  ...['tool_use', 'tool_result', 'tool_reference', 'tool_addition', 'tool_removal', 'server_tool_use'],
  ...['web_search_tool_result', 'web_search_result', 'web_fetch_tool_result', 'tool_search_tool_result'],
  ...[
    'code_execution_tool_result',
    'bash_code_execution_tool_result',
    'text_editor_code_execution_tool_result',
  ],
  ...['code_execution_output', 'bash_code_execution_output', 'advisor_tool_result', 'container_upload'],
  ...['mcp_tool_use', 'mcp_tool_result', 'mcp_tool_listing'],
]);
/** Names that mean something here. A reader that does not mind the case would take another spelling for them. */
const MEANT = new Set(['type', 'source', 'url', 'file_id', 'content', 'definition', 'input', 'input_schema']);
const FORBIDDEN_SOURCE_FIELDS = new Set(['url', 'file_id']);

const notAllowed = (reason: string, what: string) =>
  new Refusal(403, reason, `${what} may not be used by this agent group's egress policy.`);

/**
 * What a model request may hold where the agent has no way to the network: anything with which the API would fetch
 * or send something on its own is a way around that. `serverTools` lists what the operator allows all the same, as
 * the tool's type with or without its date (`web_search`, `web_search_20250305`). Throws a Refusal.
 */
export function createRequestRules(serverTools: readonly string[]): JsonVisitor {
  const allowed = new Set(['custom', ...CLIENT_TOOLS, ...serverTools]);
  const isAllowed = (type: string) => allowed.has(type) || allowed.has(type.replace(DATE, ''));

  const checkType = (path: readonly string[], type: string) => {
    const shown = type.slice(0, 60);
    if (isBlock(path) && !BLOCKS.has(type)) throw notAllowed('egress-block', `A block of type "${shown}"`);
    if (isSource(path) && !INLINE_SOURCES.has(type)) {
      throw notAllowed('egress-source', `A source of type "${shown}"`);
    }
    // Tools can be declared in the middle of a conversation too; wherever they are, theirs are the types with a date.
    if ((isToolDefinition(path) || DATE.test(type)) && !isAllowed(type)) {
      throw notAllowed('egress-server-tool', `The server tool "${shown}"`);
    }
    if (type === 'container_upload' && !isAllowed('code_execution')) {
      throw notAllowed('egress-source', 'A stored file');
    }
  };

  return {
    key(path, name) {
      const shown = `"${name.slice(0, 60)}"`;
      if (path.length === 0 && !FIELDS.has(name)) throw notAllowed('egress-field', shown);
      if (!MEANT.has(name) && MEANT.has(name.toLowerCase()) && isRead(path))
        throw notAllowed('egress-field', shown);
      if (isRead(path) && isSource(path) && FORBIDDEN_SOURCE_FIELDS.has(name)) {
        throw notAllowed('egress-source', `A source with "${name}"`);
      }
    },
    string(path, read) {
      if (path.at(-1) === 'type' && isRead(path)) checkType(path.slice(0, -1), read());
    },
  };
}

/** Does the API act on what stands here? What a tool was called with and what it takes are the agent's own data. */
function isRead(path: readonly string[]): boolean {
  if (path[0] === 'tools') return path[2] !== 'input_schema';
  if (path[0] === 'messages') return path[2] !== 'content' || path[4] !== 'input';
  return path[0] === 'system';
}

const isSource = (path: readonly string[]) =>
  path[0] !== 'tools' && (path.at(-1) === 'source' || (path.at(-1) === '*' && path.at(-2) === 'source'));

const isBlock = (path: readonly string[]) =>
  path[0] === 'system'
    ? path.length === 2
    : path[0] === 'messages' && path.at(-1) === '*' && path.at(-2) === 'content';

const isToolDefinition = (path: readonly string[]) =>
  (path[0] === 'tools' && path.length === 2) || (path[0] === 'messages' && path.at(-1) === 'definition');
