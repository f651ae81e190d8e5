import { decodeDiscordCustomId } from '@chat-adapter/discord';
import { type Author, type ChatInstance, getEmoji, type Message } from 'chat';
import { z } from 'zod';
import { createKeyedQueue } from '../../async/keyed-queue.js';
import type { Clock, Random } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import { backoffMs } from '../backoff.js';
import type { Attempt } from '../chat-sdk/guard.js';
import { pause } from '../chat-sdk/lanes.js';
import type { Changes } from '../chat-sdk/platform.js';
import type { BridgedDiscordAdapter } from './adapter.js';
import {
  componentSchema,
  deletedSchema,
  messageSchema,
  packetOf,
  reactionSchema,
  unreadSchema,
  updateSchema,
} from './packets.js';
import type { Place, Places } from './places.js';
import type { DiscordRest } from './rest.js';
import { isAwaited } from './said.js';

export interface PacketDeps {
  adapter: BridgedDiscordAdapter;
  attempt: Attempt;
  chat: ChatInstance;
  places: Places;
  rest: DiscordRest;
  botUserId: string;
  changes: Changes;
  clock: Clock;
  random: Random;
  log: Log;
  /** Aborted at stop: what still waits then is read from the history at the next start. */
  signal: AbortSignal;
}

/** About a quarter of an hour: what Discord still does not answer for then has no place that can be known. */
const MOST_TRIES = 12;

export interface PacketHandler {
  handle(type: string, data: unknown): void;
  /** Resolves once it is taken in, or cannot be read again. */
  retake(message: unknown): Promise<void>;
}

/** Hands packets of the gateway to the Chat SDK; those of one channel in the order in which they came. */
export function createPacketHandler(deps: PacketDeps): PacketHandler {
  const { adapter, attempt, chat, log, signal } = deps;
  const queue = createKeyedQueue();
  /** Who wrote the last messages: of one that is deleted Discord tells no more than its id. */
  const authors = new Map<string, Person>();
  /** The last messages that were handed on: what becomes of one comes behind it. */
  const handed = new Map<string, Promise<void>>();
  /** Answers of apps that have no words yet. */
  const awaited = new Map<string, true>();

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
  function inTurn<T>(
    channelId: string,
    hand: (place: Place, value: T) => Promise<void>,
    read: (place: Place) => Promise<{ value: T } | null>,
  ): void {
    const turn = async () => {
      const place = await placeOf(channelId);
      const found = place && (await read(place));
      if (place && found) void hand(place, found.value).catch(report);
    };
    queue.run(channelId, turn).catch(report);
  }

  const report = (error: unknown) =>
    log.error({ code: codeOf(error), reason: reasonOf(error) }, 'a Discord event was not taken in');

  async function hand({ threadId }: Place, message: Message): Promise<void> {
    const handing = chat.handleIncomingMessage(adapter, threadId, message);
    remember(handed, message.id, handing);
    await handing;
  }

  /** All that came behind it in its channel waits, too. */
  const taken = (messageId: string) => handed.get(messageId)?.catch(() => {});

  const readMessage = (data: unknown, place: { platformId?: string }) =>
    attempt(packetOf(data, place), () => {
      const { type, id, author } = messageSchema.parse(data);
      remember(authors, id, author);
      return adapter.parseMessage(type === THREAD_STARTER ? withoutReference(data) : data);
    });

  /** What is not meant for anybody is handed on, too: the bridge counts it. */
  function onMessage(data: unknown): void {
    const { id, channel_id, flags } = unreadSchema.safeParse(data).data ?? {};
    if (id !== undefined && isAwaited({ flags: flags ?? 0 })) remember(awaited, id, true);
    else if (channel_id === undefined) void readMessage(data, {}).catch(report);
    else inTurn(channel_id, hand, ({ platformId }) => readMessage(data, { platformId }));
  }

  /** Discord tells of previews, pins and the like in the same way: only an edit has a time of its own. */
  function onUpdate(data: unknown): void {
    const update = updateSchema.safeParse(data).data;
    if (!update || update.author.id === deps.botUserId || isAwaited(update)) return;
    const version = update.edited_timestamp;
    if (awaited.delete(update.id)) onMessage(data);
    else if (version) {
      inTurn(
        update.channel_id,
        ({ threadId }, message: Message) => deps.changes.edited({ threadId, message }, version),
        async ({ platformId }) => {
          await taken(update.id);
          return readMessage(data, { platformId });
        },
      );
    }
  }

  function onDelete(data: unknown): void {
    const { channel_id, id, ids = id === undefined ? [] : [id] } = deletedSchema.parse(data);
    for (const messageId of ids) {
      inTurn(
        channel_id,
        ({ threadId }: Place) => {
          const author = authors.get(messageId);
          const who = author ? authorOf(author, deps.botUserId) : { userId: '', fullName: '', isMe: false };
          if (who.isMe) return Promise.resolve();
          const at = deps.clock.now();
          const { userId, fullName: userName } = who;
          return deps.changes.deleted({ threadId, messageId, userId, userName, at });
        },
        async () => {
          await taken(messageId);
          return asItIs();
        },
      );
    }
  }

  function onReaction(data: unknown): void {
    const { user_id, channel_id, message_id, member, emoji } = reactionSchema.parse(data);
    if (member?.user.bot) return;
    const name = emoji.name ?? 'unknown';
    const user = authorOf({ id: user_id, ...member?.user, nick: member?.nick }, deps.botUserId);
    inTurn(
      channel_id,
      async ({ threadId }: Place) => {
        const rawEmoji = emoji.id ? `:${name}:` : name;
        const event = { adapter, threadId, user, rawEmoji, raw: data, added: true };
        await chat.processReaction({ ...event, messageId: message_id, emoji: getEmoji(name) });
      },
      asItIs,
    );
  }

  function onClick(data: unknown): void {
    const parsed = componentSchema.safeParse(data);
    const clicker = parsed.data?.member?.user ?? parsed.data?.user;
    if (!parsed.success || !clicker) return;
    const { id, token, channel_id, message, data: chosen } = parsed.data;
    const { actionId, value } = decodeDiscordCustomId(chosen.custom_id);
    inTurn(
      channel_id,
      async ({ threadId }: Place) => {
        const user = authorOf(clicker, deps.botUserId);
        const event = { adapter, threadId, user, raw: data, actionId, messageId: message.id };
        await chat.processAction({ ...event, value: chosen.values?.[0] ?? value ?? actionId }, undefined);
        // Deferred update: "taken in, the message stays as it is". Only now, so that a lost click shows as failed.
        await deps.rest.request('POST', `/interactions/${id}/${token}/callback`, { body: { type: 6 } });
      },
      asItIs,
    );
  }

  const handlers: Readonly<Record<string, (data: unknown) => void>> = {
    MESSAGE_CREATE: onMessage,
    MESSAGE_UPDATE: onUpdate,
    MESSAGE_DELETE: onDelete,
    MESSAGE_DELETE_BULK: onDelete,
    MESSAGE_REACTION_ADD: onReaction,
    INTERACTION_CREATE: onClick,
  };
  return {
    handle(type, data) {
      try {
        if (Object.hasOwn(handlers, type)) handlers[type]?.(data);
      } catch (error) {
        report(error);
      }
    },
    async retake(data) {
      const place = await placeOf(messageSchema.parse(data).channel_id);
      const found = place && (await readMessage(data, { platformId: place.platformId }));
      if (place && found) await hand(place, found.value);
    },
  };
}

const MOST_REMEMBERED = 2000;

function remember<T>(where: Map<string, T>, id: string, value: T): void {
  where.set(id, value);
  for (const oldest of where.keys()) {
    if (where.size <= MOST_REMEMBERED) break;
    where.delete(oldest);
  }
}

/** Of this one the Chat SDK reads the message that the thread began with, and takes it for the message itself. */
const THREAD_STARTER = 21;
const withoutReference = (data: unknown) => ({ ...z.looseObject({}).parse(data), referenced_message: null });

/** Read already. */
const asItIs = async () => ({ value: undefined });

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
