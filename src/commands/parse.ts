import type { InboundEvent } from '../channels/adapter.js';

const NAMES = ['stop', 'new', 'status', 'again'] as const;
export type CommandName = (typeof NAMES)[number];

/**
 * The command that a text is: alone, or behind what woke the agent (one of its patterns, a mention). `/stop@bot` is
 * how Telegram writes it in groups. Anything more in the text, and it is for the agent.
 */
export function parseCommand(text: string, patterns: readonly string[]): CommandName | null {
  const bare = withoutAddress(text.normalize('NFKC').trim(), patterns);
  const word = /^\/([a-z]+)(?:@\S+)?$/i.exec(bare)?.[1]?.toLowerCase();
  return NAMES.find((name) => name === word) ?? null;
}

/** With what a message may begin that is none of its words: what wakes the agents, and the bot's name in that chat. */
export function addressesIn(
  { calledAs }: Pick<InboundEvent, 'calledAs'>,
  patterns: readonly string[],
): readonly string[] {
  return calledAs === undefined ? patterns : [...patterns, calledAs];
}

/** What is left of a text without what woke the agent at its beginning. */
export function withoutAddress(text: string, patterns: readonly string[]): string {
  const lower = text.toLowerCase();
  const longestFirst = patterns
    .map((pattern) => pattern.normalize('NFKC').toLowerCase())
    .sort((a, b) => b.length - a.length);
  const known = longestFirst.find((pattern) => lower.startsWith(pattern));
  const rest = known === undefined ? text.replace(/^(?:<@[^>]+>|@\S+)/, '') : text.slice(known.length);
  return rest.replace(/^[\s,:]+/, '').trim();
}
