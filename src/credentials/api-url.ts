/** `target` (path and query) below the base address, which may have a path of its own: `https://gateway.example/llm`. */
export function apiUrl(base: URL, target: string): URL {
  return new URL(base.origin + base.pathname.replace(/\/+$/, '') + target);
}
