import { decodeDiscordCustomId } from '@chat-adapter/discord';
import { type Author, type ChatInstance, getEmoji } from 'chat';
import type { Clock, Random } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log.js';
import { backoffMs } from '../backoff.js';
import { pause } from '../chat-sdk/lanes.js';
import type { BridgedDiscordAdapter } from './adapter.js';
import { componentSchema, isSaid, messageSchema, reactionSchema } from './packets.js';
import type { Place, Places } from './places.js';
import type { DiscordRest } from './rest.js';

export interface PacketDeps {
  adapter: BridgedDiscordAdapter;
  chat: ChatInstance;
  places: Places;
  rest: DiscordRest;
  botUserId: string;
  clock: Clock;
  random: Random;
  log: Log;
  /** Aborted at stop: what still waits then is read from the history at the next start. */
  signal: AbortSignal;
}

/** About a quarter of an hour: what Discord still does not answer for then has no place that can be known. */
const MOST_TRIES = 12;

/** Hands packets of the gateway to the Chat SDK; those of one channel in the order in which they came. */
export function createPacketHandler(deps: PacketDeps): (type: string, data: unknown) => void {
  const { adapter, chat, log, signal } = deps;
  const tails = new Map<string, Promise<void>>();

  /** A message must not be lost because Discord did not answer where it was said: a later one would move the cursor on. */
  async function placeOf(channelId: string): Promise<Place | null> {
    for (let failures = 0; ; failures += 1) {
      try {
        return await deps.places.of(channelId);
      } catch (error) {
        if (failures + 1 >= MOST_TRIES || signal.aborted) throw error;
        log.warn(
          { code: codeOf(error), reason: reasonOf(error) },
          'a Discord channel was not found, it is tried again',
        );
        await pause(deps, backoffMs(failures, deps.random));
        if (signal.aborted) throw error;
      }
    }
  }

  /** Looks the place up in turn, then hands over without waiting: the lanes of the bridge keep the order. */
  function inTurn(channelId: string, hand: (place: Place) => Promise<void>): void {
    const turn = async () => {
      const place = await placeOf(channelId);
      if (place) void hand(place).catch(report);
    };
    const tail = (tails.get(channelId) ?? Promise.resolve()).then(turn).catch(report);
    tails.set(channelId, tail);
    void tail.finally(() => {
      if (tails.get(channelId) === tail) tails.delete(channelId);
    });
  }

  const report = (error: unknown) =>
    log.error({ code: codeOf(error), reason: reasonOf(error) }, 'a Discord event was not taken in');

  function onMessage(data: unknown): void {
    const raw = messageSchema.parse(data);
    if (!isSaid(raw.type)) return;
    inTurn(raw.channel_id, ({ threadId }) =>
      chat.handleIncomingMessage(adapter, threadId, adapter.parseMessage(data)),
    );
  }

  function onReaction(data: unknown): void {
    const { user_id, channel_id, message_id, member, emoji } = reactionSchema.parse(data);
    if (member?.user.bot) return;
    const name = emoji.name ?? 'unknown';
    const user = authorOf({ id: user_id, ...member?.user, nick: member?.nick }, deps.botUserId);
    inTurn(channel_id, async ({ threadId }) => {
      const rawEmoji = emoji.id ? `:${name}:` : name;
      const event = { adapter, threadId, user, rawEmoji, raw: data, added: true };
      await chat.processReaction({ ...event, messageId: message_id, emoji: getEmoji(name) });
    });
  }

  function onClick(data: unknown): void {
    const parsed = componentSchema.safeParse(data);
    const clicker = parsed.data?.member?.user ?? parsed.data?.user;
    if (!parsed.success || !clicker) return;
    const { id, token, channel_id, message, data: chosen } = parsed.data;
    const { actionId, value } = decodeDiscordCustomId(chosen.custom_id);
    inTurn(channel_id, async ({ threadId }) => {
      const user = authorOf(clicker, deps.botUserId);
      const event = { adapter, threadId, user, raw: data, actionId, messageId: message.id };
      await chat.processAction({ ...event, value: chosen.values?.[0] ?? value ?? actionId }, undefined);
      // Deferred update: "taken in, the message stays as it is". Only now, so that a lost click shows as failed.
      await deps.rest.request('POST', `/interactions/${id}/${token}/callback`, { body: { type: 6 } });
    });
  }

  const handlers: Readonly<Record<string, (data: unknown) => void>> = {
    MESSAGE_CREATE: onMessage,
    MESSAGE_REACTION_ADD: onReaction,
    INTERACTION_CREATE: onClick,
  };
  return (type, data) => {
    try {
      if (Object.hasOwn(handlers, type)) handlers[type]?.(data);
    } catch (error) {
      report(error);
    }
  };
}

interface Person {
  id: string;
  username?: string | undefined;
  global_name?: string | null | undefined;
  nick?: string | null | undefined;
  bot?: boolean | undefined;
}

function authorOf(person: Person, botUserId: string): Author {
  const userName = person.username || person.id;
  return {
    userId: person.id,
    userName,
    fullName: person.nick || person.global_name || userName,
    isBot: person.bot === true,
    isMe: person.id === botUserId,
  };
}
