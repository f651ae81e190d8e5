import type { Client } from 'discord.js';
import type { Said } from './said.js';

/** Names for the ids that stand in words; undefined: not known, the id stays. */
export interface Names {
  user(id: string): string | undefined;
  role(id: string): string | undefined;
  channel(id: string): string | undefined;
}

/** What the message tells itself, then what the gateway told of this server. Nothing is asked of Discord. */
export function namesFor({ mentions, mention_channels }: Said, client: Client, guildId: string): Names {
  const guild = client.guilds.cache.get(guildId);
  return {
    user(id) {
      const told = mentions.find((one) => one.id === id);
      if (told) return told.member?.nick || told.global_name || told.username || undefined;
      return client.users.cache.get(id)?.displayName;
    },
    role: (id) => guild?.roles.cache.get(id)?.name.replace(/^@/, ''),
    channel: (id) =>
      mention_channels.find((one) => one.id === id)?.name ?? guild?.channels.cache.get(id)?.name,
  };
}

/**
 * What Discord shows as something else (discord.com/developers/docs/reference#message-formatting): people, roles,
 * channels, custom emoji, moments, commands, and the places of a server.
 */
const TOKEN =
  /<(?:@!?(\d{1,20})|@&(\d{1,20})|#(\d{1,20})|a?:(\w{1,64}):\d{1,20}|t:(-?\d{1,13})(?::[a-zA-Z])?|\/([^<>:\n]{1,110}):\d{1,20}|id:([a-z-]{1,30})(?::\d{1,20})?)>/g;

/** A text with names in the place of ids. Code stays as it is: there people see the ids, too. */
export function readable(text: string, names: Names): string {
  return outsideCode(text, (part) =>
    part.replace(
      TOKEN,
      (
        token,
        user?: string,
        role?: string,
        channel?: string,
        emoji?: string,
        time?: string,
        command?: string,
        place?: string,
      ) => {
        if (emoji !== undefined) return `:${emoji}:`;
        if (time !== undefined) return momentOf(Number(time)) ?? token;
        if (command !== undefined) return `/${command}`;
        if (place !== undefined) return `[${place}]`;
        if (channel !== undefined) return named('#', names.channel(channel)) ?? token;
        return named('@', user === undefined ? names.role(role ?? '') : names.user(user)) ?? token;
      },
    ),
  );
}

const named = (sign: string, name: string | undefined) => (name ? `${sign}${name}` : null);

function momentOf(seconds: number): string | null {
  const at = new Date(seconds * 1000);
  return Number.isNaN(at.getTime()) ? null : at.toISOString().replace('.000Z', 'Z');
}

/** Is one of these ids named where people see it as a name, or in code alone? */
export function whereNamed(text: string, token: RegExp): 'seen' | 'in-code' | 'nowhere' {
  if (!token.test(text)) return 'nowhere';
  let seen = false;
  outsideCode(text, (part) => {
    seen ||= token.test(part);
    return part;
  });
  return seen ? 'seen' : 'in-code';
}

/** Changes what stands outside of code: between a run of ticks and the next one of the same length. */
function outsideCode(text: string, change: (part: string) => string): string {
  const runs = [...text.matchAll(/`+/g)];
  const nextOf = new Map<number, number>();
  const closers = runs.map(() => -1);
  for (let at = runs.length - 1; at >= 0; at -= 1) {
    const { length } = runs[at]?.[0] ?? '';
    closers[at] = nextOf.get(length) ?? -1;
    nextOf.set(length, at);
  }
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < runs.length; at += 1) {
    const opener = runs[at];
    const close = closers[at] ?? -1;
    const closer = runs[close];
    if (!opener || !closer) continue;
    const end = closer.index + closer[0].length;
    parts.push(change(text.slice(from, opener.index)), text.slice(opener.index, end));
    from = end;
    at = close;
  }
  return parts.join('') + change(text.slice(from));
}
