import type { ChannelFacts } from './types.js';

/** What to write, and where, so that the bot hears this word. `bot`: its name there, null where that is not known. */
export function howToSend(facts: ChannelFacts, word: string, bot: string | null): string {
  const { label, sayToBot } = facts;
  const named = sayToBot.includes('<bot>');
  const sentence = sayToBot
    .replaceAll('<word>', () => word)
    .replaceAll('<bot>', () => bot ?? "<the bot's name>");
  return `${label}${bot !== null && !named ? ` (${bot})` : ''}: ${sentence}`;
}

/** A name or a word that needs no escaping in a link. */
const PLAIN = /^[\w-]{1,64}$/;

/** Links that do it with one tap; null where the channel has none, or the bot's name is not known. */
export function linksToBot(
  facts: ChannelFacts,
  word: string,
  bot: string | null,
): { direct: string; group: string } | null {
  if (bot === null || !PLAIN.test(bot) || !PLAIN.test(word)) return null;
  return facts.linksToBot?.(bot, word) ?? null;
}
