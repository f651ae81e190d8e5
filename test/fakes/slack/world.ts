import { z } from 'zod';

/** What exists in the fake Slack workspace, and what has happened in it. */
export interface FakeUser {
  id: string;
  name: string;
  real_name: string;
  /** Set for a bot: its messages bear it. */
  bot_id?: string;
}

export interface FakeFile {
  id: string;
  name: string;
  mimetype: string;
  size: number;
  url_private: string;
}

export interface FakeMessage {
  type: 'message';
  channel: string;
  ts: string;
  user: string;
  bot_id?: string;
  /** As people write it, in Slack's markup. */
  text: string;
  /** As the bot wrote it. */
  markdown?: string;
  thread_ts?: string;
  parent_user_id?: string;
  subtype?: string;
  files?: FakeFile[];
  blocks?: unknown[];
  metadata?: { event_type: string; event_payload: Record<string, unknown> };
}

export interface World {
  readonly bot: Required<FakeUser>;
  readonly ada: FakeUser;
  readonly bob: FakeUser;
  readonly robot: Required<FakeUser>;
  readonly users: FakeUser[];
  readonly channels: Map<string, { id: string; name?: string; is_im: boolean }>;
  readonly general: string;
  readonly direct: string;
  readonly messages: FakeMessage[];
  readonly files: Map<string, Buffer>;
  /** Files of other workspaces, of which a message names no more than the id. */
  readonly elsewhere: Map<string, FakeFile>;
  /** Names of emoji that the bot put under a message, by its timestamp. */
  readonly reactions: Map<string, string[]>;
  nextId(prefix: string): string;
  add(message: Omit<FakeMessage, 'type' | 'ts'>): FakeMessage;
  keepFile(origin: string, name: string, mimetype: string, data: Buffer): FakeFile;
}

const buttonSchema = z.looseObject({
  type: z.literal('button'),
  action_id: z.string(),
  text: z.object({ text: z.string() }),
});
const blockSchema = z.object({ elements: z.array(z.unknown()).default([]) });

/** The buttons of a message, in their order. */
export function buttonsOf({ blocks = [] }: FakeMessage): z.infer<typeof buttonSchema>[] {
  const elements = blocks.flatMap((block) => blockSchema.parse(block).elements);
  return elements.flatMap((element) => buttonSchema.safeParse(element).data ?? []);
}

/** One channel, one person with a direct message, a foreign bot, and the app. `now` in epoch milliseconds. */
export function createWorld(now: () => number): World {
  let count = 0;
  const nextId = (prefix: string) => {
    count += 1;
    return `${prefix}0FAKE${String(count).padStart(5, '0')}`;
  };
  const bot = { id: nextId('U'), name: 'wharfie', real_name: 'Wharfie Bot', bot_id: nextId('B') };
  const robot = { id: nextId('U'), name: 'robot', real_name: 'Robot', bot_id: nextId('B') };
  const ada = { id: nextId('U'), name: 'ada', real_name: 'Ada' };
  const bob = { id: nextId('U'), name: 'bob', real_name: 'Bob' };
  const general = nextId('C');
  const direct = nextId('D');
  const messages: FakeMessage[] = [];
  const files = new Map<string, Buffer>();
  return {
    bot,
    ada,
    bob,
    robot,
    users: [bot, robot, ada, bob],
    channels: new Map([
      [general, { id: general, name: 'general', is_im: false }],
      [direct, { id: direct, is_im: true }],
    ]),
    general,
    direct,
    messages,
    files,
    elsewhere: new Map(),
    reactions: new Map(),
    nextId,
    add(message) {
      count += 1;
      const ts = `${Math.floor(now() / 1000)}.${String(count).padStart(6, '0')}`;
      const added: FakeMessage = { type: 'message', ...message, ts };
      messages.push(added);
      return added;
    },
    keepFile(origin, name, mimetype, data) {
      const id = nextId('F');
      files.set(id, data);
      return { id, name, mimetype, size: data.length, url_private: `${origin}/files/${id}` };
    },
  };
}

/** A message with what Slack tells of its thread: of its first message, or of the one that it belongs to. */
export function shown(world: World, message: FakeMessage, withMetadata = false): object {
  const { markdown: _, metadata, channel: __, ...rest } = message;
  const replies = world.messages.filter(
    (one) => one.channel === message.channel && one.thread_ts === message.ts && one.ts !== message.ts,
  );
  const last = replies.at(-1);
  return {
    ...rest,
    ...(last ? { thread_ts: message.ts, reply_count: replies.length, latest_reply: last.ts } : {}),
    ...(metadata && withMetadata ? { metadata } : {}),
  };
}
