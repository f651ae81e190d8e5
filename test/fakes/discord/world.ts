/** What exists in the fake Discord, and what has happened in it. Ids grow with time, as Discord's do. */
export interface FakeUser {
  id: string;
  username: string;
  global_name: string | null;
  bot?: boolean;
}

export interface FakeChannel {
  id: string;
  type: number;
  name?: string;
  guild_id?: string;
  parent_id?: string;
  recipients?: FakeUser[];
  last_message_id?: string | null;
  archived?: boolean;
}

export interface FakeFile {
  id: string;
  filename: string;
  content_type: string;
  size: number;
  url: string;
  data: Buffer;
}

export interface FakeMessage {
  id: string;
  channel_id: string;
  type: number;
  content: string;
  author: FakeUser;
  timestamp: string;
  edited_timestamp: string | null;
  mentions: FakeUser[];
  mention_roles: string[];
  attachments: Omit<FakeFile, 'data'>[];
  embeds: unknown[];
  components: unknown[];
  nonce?: string;
  message_reference?: { type?: number; message_id?: string; channel_id: string; guild_id?: string };
  referenced_message?: FakeMessage | null;
  member?: { nick: string | null };
  /** Emoji that the bot put under it. */
  reacted: string[];
}

export interface World {
  readonly bot: FakeUser;
  readonly guildId: string;
  readonly general: FakeChannel;
  readonly direct: FakeChannel;
  readonly ada: FakeUser;
  readonly bob: FakeUser;
  readonly role: { id: string; name: string };
  channels: Map<string, FakeChannel>;
  messages: FakeMessage[];
  files: Map<string, FakeFile>;
  nextId(): string;
  inChannel(channelId: string): FakeMessage[];
  add(message: Omit<FakeMessage, 'id' | 'timestamp' | 'edited_timestamp' | 'reacted'>): FakeMessage;
}

const EPOCH_MS = 1_420_070_400_000n;
const GUILD_TEXT = 0;
const DIRECT = 1;

/** One server with one channel, one person, one direct message and the bot. `now` in epoch milliseconds. */
export function createWorld(now: () => number): World {
  let count = 0n;
  const nextId = () => {
    count += 1n;
    return String(((BigInt(now()) - EPOCH_MS) << 22n) + count);
  };
  const guildId = nextId();
  const ada: FakeUser = { id: nextId(), username: 'ada', global_name: 'Ada' };
  const bob: FakeUser = { id: nextId(), username: 'bob', global_name: 'Bob' };
  const role = { id: nextId(), name: 'crew' };
  const bot: FakeUser = { id: nextId(), username: 'wharfie bot', global_name: null, bot: true };
  const general: FakeChannel = { id: nextId(), type: GUILD_TEXT, name: 'general', guild_id: guildId };
  const direct: FakeChannel = { id: nextId(), type: DIRECT, recipients: [ada] };
  const channels = new Map([general, direct].map((channel) => [channel.id, channel]));
  const messages: FakeMessage[] = [];
  return {
    bot,
    ada,
    bob,
    role,
    guildId,
    general,
    direct,
    channels,
    messages,
    files: new Map(),
    nextId,
    inChannel: (channelId) => messages.filter((message) => message.channel_id === channelId),
    add(message) {
      const timestamp = new Date(now()).toISOString();
      const added = { ...message, id: nextId(), timestamp, edited_timestamp: null, reacted: [] };
      messages.push(added);
      const channel = channels.get(added.channel_id);
      if (channel) channel.last_message_id = added.id;
      return added;
    },
  };
}

/** As Discord shows it: without what only the fake keeps. */
export function shown(message: FakeMessage): Omit<FakeMessage, 'reacted'> {
  const { reacted: _, ...rest } = message;
  return rest;
}
