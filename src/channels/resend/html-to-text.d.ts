/** The package has no types of its own. */
declare module 'html-to-text' {
  interface Options {
    [name: string]: unknown;
  }
  type Formatter = (element: unknown, walk: unknown, builder: Builder, options: Options) => void;
  interface Builder {
    options: { formatters: Record<string, Formatter> };
  }
  export function convert(
    html: string,
    options?: {
      wordwrap?: number | false;
      limits?: { maxInputLength?: number; maxDepth?: number; maxChildNodes?: number; ellipsis?: string };
      formatters?: Record<string, Formatter>;
      selectors?: { selector: string; format?: string; options?: Options }[];
    },
  ): string;
}
