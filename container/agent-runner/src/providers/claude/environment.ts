/** Names that the runner decides about itself, or that are its own business. */
const OURS =
  /^(WHARFIE_|NODE_(OPTIONS|COMPILE_CACHE)$|(https?|all|no)_proxy$|ANTHROPIC_(BASE_URL|UNIX_SOCKET)$)/i;

/** Stands where a key is expected; the real one is put on outside, by the host. */
const PLACEHOLDER = 'placeholder';

/**
 * The environment of the agent's program: what the container got, with one door to the outside, `egress`
 * (`http://127.0.0.1:<port>`), for the model and everything else.
 */
export function claudeEnvironment(
  given: Record<string, string | undefined>,
  egress: string,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && !OURS.test(name)) env[name] = value;
  if (env.CLAUDE_CODE_OAUTH_TOKEN === undefined && env.ANTHROPIC_AUTH_TOKEN === undefined) {
    env.ANTHROPIC_API_KEY ??= PLACEHOLDER;
  }
  const direct = '127.0.0.1,localhost';
  return {
    ...env,
    ANTHROPIC_BASE_URL: egress,
    HTTP_PROXY: egress,
    HTTPS_PROXY: egress,
    http_proxy: egress,
    https_proxy: egress,
    NO_PROXY: direct,
    no_proxy: direct,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // A program left running would speak up in a turn that answers nobody.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    // The runner tries again by itself, with its own patience, and tells the chat.
    CLAUDE_CODE_MAX_RETRIES: env.CLAUDE_CODE_MAX_RETRIES ?? '4',
    ENABLE_TOOL_SEARCH: 'false',
    // The container is the sandbox; without this the program refuses to run as user 0.
    IS_SANDBOX: '1',
  };
}
