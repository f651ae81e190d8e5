/**
 * What a request to the Messages API may be made of. Names as the API documents them, exact to the letter:
 * https://platform.claude.com/docs/en/api/beta/messages/create
 * https://platform.claude.com/docs/en/api/beta/messages/count_tokens
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-reference
 * `container/agent-runner/test/model-requests.test.ts` holds them against the API's types in the pinned SDK and against
 * what the pinned `claude` sends: what is new there stands here or in `LEFT_OUT`, or that test fails.
 */
const words = (text: string) => text.trim().split(/\s+/);
const setOf = (text: string): ReadonlySet<string> => new Set(words(text));

/** Fields of a request that the API answers by itself, from nothing but the request. */
export const FIELDS = setOf(`
  cache_control compaction context_management diagnostics fallback_credit_token fallbacks max_tokens messages metadata
  model output_config output_format service_tier speed stop_sequences stream system temperature thinking tool_choice
  tools top_k top_p
`);
/** Fields by which it reaches out, or into what other programs stored under the same key. */
export const OUTWARD_FIELDS = setOf('container mcp_servers thread');

/** Blocks of a conversation, of a tool's result, of a document and of the system prompt. */
export const BLOCKS = setOf(`
  browser_state compaction document fallback image redacted_thinking search_result server_tool_use text thinking
  tool_addition tool_reference tool_removal tool_result tool_use

  advisor_tool_result advisor_result advisor_redacted_result advisor_tool_result_error
  bash_code_execution_tool_result bash_code_execution_result bash_code_execution_output
  bash_code_execution_tool_result_error
  code_execution_tool_result code_execution_result code_execution_output code_execution_tool_result_error
  encrypted_code_execution_result
  text_editor_code_execution_tool_result text_editor_code_execution_view_result
  text_editor_code_execution_create_result text_editor_code_execution_str_replace_result
  text_editor_code_execution_tool_result_error
  tool_search_tool_result tool_search_tool_search_result tool_search_tool_result_error
  web_fetch_tool_result web_fetch_result web_fetch_tool_result_error
  web_search_tool_result web_search_result web_search_tool_result_error
`);
export const OUTWARD_BLOCKS = setOf('container_upload mcp_tool_listing mcp_tool_result mcp_tool_use');

/** Where an image or a document is: in the request itself. */
export const SOURCES = setOf('base64 content text');
export const OUTWARD_SOURCES = setOf('file url');

/** Tools that the client runs itself, or that only search among the tools given; without the date in their names. */
export const TOOLS = setOf(`
  bash browser_toolset computer computer_toolset custom memory text_editor tool_search_tool_bm25
  tool_search_tool_regex
`);
export const OUTWARD_TOOLS = setOf('advisor code_execution mcp_toolset web_fetch web_search');

/** What a change of the tools in mid-conversation names. */
export const CHANGES = setOf('tool_definition tool_reference');
export const OUTWARD_CHANGES = setOf('mcp_tool_reference mcp_toolset_reference');

export const MESSAGE_FIELDS = setOf('clear_at content output_config role');
export const SOURCE_FIELDS = setOf('content data media_type type');
export const OUTWARD_SOURCE_FIELDS = setOf('file_id url');
export const CHANGE_FIELDS = setOf('definition name server_name type');
export const TOOL_FIELDS = setOf(`
  allowed_callers cache_control configs defer_loading description display_height_px display_number display_width_px
  eager_input_streaming enable_zoom input_examples input_schema max_characters name strict type

  allowed_domains blocked_domains caching citations default_config max_content_tokens max_tokens max_uses
  mcp_server_name model response_inclusion tools url_sources use_cache user_location
`);

/**
 * Fields of blocks. Others pass as well: the API adds to its answers, and `claude` sends back what it was answered, so
 * a conversation must not end at a name that is new. What stands below one is read like a block.
 */
export const BLOCK_FIELDS = setOf(`
  cache_control caller citations content context data encrypted_content from id input is_error name signature source
  state_changes tabs text thinking title to tool tool_changes tool_name tool_references tool_use_id toolset_name
  transformations trigger type
`);

/** Inside these everything is data: of the agent, of a tool, or a setting that opens no way out. */
export const DATA = setOf(`
  allowed_callers allowed_domains blocked_domains cache_control caching caller citations compaction configs
  context_management default_config diagnostics fallback_credit_token fallbacks from input input_examples input_schema
  metadata output_config output_format state_changes stop_sequences tabs thinking to tool_choice transformations
  trigger url_sources user_location
`);

/** Documented, and refused under every policy: they say who pays and where in the world the model runs. */
export const LEFT_OUT = setOf('billing_policy inference_geo');

/**
 * What `anthropic-beta` may ask for, without the date in the name: https://platform.claude.com/docs/en/api/beta-headers
 * and what `claude` asks for besides. Another one is left out of the request, and recorded.
 */
const BETAS = setOf(`
  advanced-tool-use advisor-tool cache-diagnosis cache-keepalive claude-code code-execution compact computer-use
  context-1m context-hint context-management dev-full-thinking effort extended-cache-ttl fallback-credit fast-mode
  files-api fine-grained-tool-streaming inline-tools interleaved-thinking mcp-client message-threads
  mid-conversation-output-config mid-conversation-system mid-conversation-system-clear-at mid-conversation-tool-changes
  model-context-window-exceeded oauth output-128k output-300k pdfs per-turn-control prompt-caching
  prompt-caching-evict prompt-caching-scope redact-thinking server-side-fallback skills structured-outputs
  task-budgets thinking-binding-controls thinking-display-updates thinking-resumption thinking-token-count
  token-counting token-efficient-tools tool-search-tool web-fetch web-search
`);

const TOOL_DATE = /_\d{8}$/;
const BETA_DATE = /-\d{4}-?\d{2}-?\d{2}$/;

export const isDated = (type: string) => TOOL_DATE.test(type);
export const withoutDate = (type: string) => type.replace(TOOL_DATE, '');
export const isKnownBeta = (name: string) => BETA_DATE.test(name) && BETAS.has(name.replace(BETA_DATE, ''));
