import { defaultEmojiResolver } from 'chat';

/** Names of reactions in Teams that are not those of the Chat SDK. */
const NAMES: Readonly<Record<string, string>> = {
  thumbs_up: 'like',
  rocket: 'launch',
  thinking: 'think',
  eyes: '1f440_eyes',
  check: '2705_whiteheavycheckmark',
  pin: '1f4cc_pushpin',
  x: '274c_crossmark',
};

/** How Teams names an emoji (as a character or by name); null: it is no name that Teams could know. */
export function reactionTypeOf(emoji: string): string | null {
  const { name } = defaultEmojiResolver.fromGChat(emoji);
  const type = NAMES[name] ?? name;
  return /^[\w-]{1,60}$/.test(type) ? type : null;
}

/** A person's reaction as a character, or by its name where it has none. */
export function emojiOf(type: string) {
  const hex = /^([0-9a-f]{4,5})_/.exec(type)?.[1];
  if (hex)
    return {
      emoji: defaultEmojiResolver.fromTeams(type),
      shown: String.fromCodePoint(Number.parseInt(hex, 16)),
    };
  const own = Object.entries(NAMES).find(([, name]) => name === type)?.[0];
  const emoji = defaultEmojiResolver.fromTeams(own ?? type);
  const shown = defaultEmojiResolver.toGChat(emoji);
  return { emoji, shown: shown === emoji.name ? `:${type}:` : shown };
}
