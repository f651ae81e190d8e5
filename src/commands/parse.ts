import type { InboundEvent } from '../channels/adapter.js';
import { normalized } from '../normalized.js';

const NAMES = ['stop', 'new', 'status', 'again', 'tasks'] as const;
export type CommandName = (typeof NAMES)[number];

/** What may stand behind a command's name: a word of these, and at most one more. */
const ARGUMENTS: Partial<Record<CommandName, readonly string[]>> = { tasks: ['cancel', 'pause', 'resume'] };

export interface ParsedCommand {
  name: CommandName;
  args: readonly string[];
}

/**
 * The command that a text is: alone, or behind what woke the agent (one of its patterns, a mention). `/stop@bot` is
 * how Telegram writes it in groups. Anything more in the text, and it is for the agent.
 */
export function parseCommand(text: string, patterns: readonly string[]): ParsedCommand | null {
  const [first = '', ...args] = withoutAddress(normalized(text).trim(), patterns).split(/\s+/);
  const word = /^\/([a-z]+)(?:@\S+)?$/i.exec(first)?.[1]?.toLowerCase();
  const name = NAMES.find((one) => one === word);
  if (name === undefined) return null;
  if (args.length === 0) return { name, args };
  const [verb = '', ...rest] = args.map((one) => one.toLowerCase());
  return ARGUMENTS[name]?.includes(verb) && rest.length <= 1 ? { name, args: [verb, ...rest] } : null;
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
    .map((pattern) => normalized(pattern).toLowerCase())
    .sort((a, b) => b.length - a.length);
  const known = longestFirst.find((pattern) => lower.startsWith(pattern));
  const rest = known === undefined ? text.replace(/^(?:<@[^>]+>|@\S+)/, '') : text.slice(known.length);
  return rest.replace(/^[\s,:]+/, '').trim();
}
