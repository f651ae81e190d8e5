import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import type { TeamsActivity } from './packets.js';
import type { TeamsRest } from './rest.js';

const teamSchema = z.object({ name: z.string().nullish() });
const channelsSchema = z.object({
  conversations: z.array(z.object({ id: z.string(), name: z.string().nullish() })),
});

const FRESH_MS = 60 * 60_000;
const MOST = 500;
/** The message waits for it. */
const LONGEST_MS = 3000;

/** What a chat is called: a message in a channel bears only numbers, the names are asked for. Never rejects. */
export function createTeamsNames(deps: {
  rest: TeamsRest;
  clock: Clock;
  /** Where a conversation is now that is known by this address. */
  current(conversation: string, serviceUrl: string): Promise<string>;
}) {
  const { rest, clock } = deps;
  const asked = new Map<string, { name: Promise<string>; at: number }>();

  async function ask(known: string, team: string, channel: string): Promise<string> {
    const serviceUrl = await deps.current(channel, known);
    const path = `teams/${encodeURIComponent(team)}`;
    const [{ name }, { conversations }] = await within(clock, LONGEST_MS, undefined, (signal) => {
      const request = { method: 'GET', serviceUrl, signal } as const;
      return Promise.all([
        rest.call({ ...request, path }, teamSchema),
        rest.call({ ...request, path: `${path}/conversations` }, channelsSchema),
      ]);
    });
    // The first channel of a team has no name of its own.
    const found = conversations.find(({ id }) => id === channel)?.name ?? 'General';
    return name ? `${name} / ${found}` : found;
  }

  return {
    /** One of them has another name from now on: none is believed any more. */
    forget: () => asked.clear(),
    async of({ serviceUrl, conversation, channelData }: TeamsActivity): Promise<string> {
      if (conversation.name) return conversation.name;
      const { team, channel } = channelData ?? {};
      if (!team || !channel) return '';
      if (team.name && channel.name) return `${team.name} / ${channel.name}`;
      const found = asked.get(channel.id);
      if (found && clock.monotonic() - found.at < FRESH_MS) return found.name;
      const name = ask(serviceUrl, team.id, channel.id).catch(() => {
        asked.delete(channel.id);
        return '';
      });
      asked.delete(channel.id);
      asked.set(channel.id, { name, at: clock.monotonic() });
      const [oldest] = asked.keys();
      if (asked.size > MOST && oldest !== undefined) asked.delete(oldest);
      return name;
    },
  };
}
