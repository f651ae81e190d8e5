/** The package has no types of its own. */
declare module 'html-to-text' {
  export function convert(
    html: string,
    options?: {
      wordwrap?: number | false;
      limits?: { maxInputLength?: number; maxDepth?: number; maxChildNodes?: number };
      selectors?: { selector: string; format?: string; options?: Record<string, unknown> }[];
    },
  ): string;
}
