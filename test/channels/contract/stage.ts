import { createHash } from 'node:crypto';
import type { Address } from '../../../src/address.js';
import type {
  ChannelAdapter,
  ChannelHost,
  DeliverRequest,
  InboundEvent,
  OutboundPart,
  UnreadMessage,
} from '../../../src/channels/adapter.js';
import { TRIES } from '../../../src/quarantine/index.js';
import type { FakeClock } from '../../fakes/clock.js';
import type { Fault } from '../../fakes/discord/faults.js';
import type { Posting } from '../../fakes/webhook-sender.js';
import type { openWebhooks } from '../../fakes/webhooks.js';
import type { Words } from './words.js';

/** What goes wrong between the adapter and its platform, for the next request that says something. */
export type FaultName =
  | 'rate-limited'
  | 'outage'
  | 'refused'
  | 'markup-refused'
  | 'cut-before'
  | 'cut-after'
  | 'hang';

/** The faults that are the same everywhere: nobody answers. */
export const NO_ANSWER: Record<'cut-before' | 'cut-after' | 'hang', Fault> = {
  'cut-before': { kind: 'cut', done: false },
  'cut-after': { kind: 'cut', done: true },
  hang: { kind: 'hang' },
};

/** What stands in the chat on the platform's side, said by the bot. */
export interface Heard {
  id: string;
  text: string;
  /** The text as the platform has it, where `text` is back in Markdown. */
  sent?: string;
  files: { name: string; sha256: string }[];
  replyTo: string | null;
  reactions: string[];
  /** Labels of its buttons. */
  buttons: string[];
}

/** What the platform was asked, by its own name for it, and with what. */
export interface PlatformCall {
  name: string;
  fields: unknown;
}

/** All that a platform's server was asked. */
export const callsOf = (server: { requests: string[]; bodies: unknown[] }): PlatformCall[] =>
  server.requests.map((name, index) => ({ name, fields: server.bodies[index] }));

export interface PersonSays {
  mention?: boolean;
  /** A platform message id. */
  replyTo?: string;
  fromBot?: boolean;
  files?: { name: string; data: Buffer }[];
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
  /** The platform's event is lost; only its history has it. */
  unheard?: boolean;
}

/** An adapter against a fake of its platform, and the levers on both sides. */
export interface Stage {
  adapter: ChannelAdapter;
  /** A second adapter for the same platform with this environment on top (a value undefined: taken away). */
  again(env?: Record<string, string | undefined>): ChannelAdapter;
  clock: FakeClock;
  /** Null where the platform has no such thing. */
  group: Address | null;
  direct: Address;
  /** A second direct chat, where there are no groups. */
  other?: Address;
  /** The platform does not tell how large a file is. */
  sizesUnknown?: true;
  /** How many characters a person can write at most. */
  longestSaid: number;
  /** What answers nothing begins a thread of its own. */
  threadEach?: true;
  thread(): Address;
  /** Where the platform calls, also the request for something that a person says, as it sends it, not sent. */
  posting?(to: Address, text: string): Posting;
  webhooks?: ReturnType<typeof openWebhooks>;
  /** A person says something; returns the platform's id of it. */
  say(to: Address, text: string, options?: PersonSays): string;
  heard(to: Address): Heard[];
  /** All that the platform was asked; nothing where there is none between. */
  calls(): PlatformCall[];
  /** Would the platform open the links in it by itself? Not told where it has no switch for that. */
  opensLinks?(call: PlatformCall): boolean;
  /** A person puts an emoji under a message. */
  react(to: Address, messageId: string, emoji: string): void;
  click(to: Address, messageId: string, label: string): void;
  /** What people do besides writing. */
  words?: Words;
  fault(name: FaultName): void;
  /** How often typing was shown. */
  typing(): number;
  breakConnection(options: { resumable: boolean }): void;
  revokeToken(): void;
  restoreToken(): void;
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  close(): Promise<void>;
}

export const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

export interface RecordingHost extends ChannelHost {
  readonly events: InboundEvent[];
  /** What could not be read, once for each try. */
  readonly unreadable: UnreadMessage[];
  /** Chats that have another id from now on. */
  readonly moves: { from: string; to: string }[];
  /** How many events were refused because of `refuse`. */
  readonly refused: number;
  /** The next `times` events are not taken in. */
  refuse(times: number, which?: (event: InboundEvent) => boolean): void;
  setCursors(cursors: ReturnType<ChannelHost['cursors']>): void;
  /** Resolves with what `find` gives, once it gives something; looked at after every event and health change. */
  until<T>(find: () => T | undefined | null | false | 0): Promise<T>;
  /** Resolves with the event of this text. */
  heard(text: string): Promise<InboundEvent>;
}

/** The host's side of a channel, which keeps what it is given. */
export function createRecordingHost(): RecordingHost {
  const events: InboundEvent[] = [];
  const unreadable: UnreadMessage[] = [];
  const moves: { from: string; to: string }[] = [];
  const waiting = new Set<() => void>();
  let cursors: ReturnType<ChannelHost['cursors']> = [];
  let refusing = { left: 0, which: (_: InboundEvent) => true };
  let refused = 0;
  const changed = () => {
    for (const look of [...waiting]) look();
  };
  const until = <T>(find: () => T | undefined | null | false | 0): Promise<T> =>
    new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    events,
    unreadable,
    moves,
    moved(chat) {
      moves.push(chat);
      changed();
    },
    unread(message) {
      unreadable.push(message);
      changed();
      const same = unreadable.filter((one) => one.platformMessageId === message.platformMessageId);
      return same.length < TRIES ? 'again' : 'set-aside';
    },
    get refused() {
      return refused;
    },
    async receive(event) {
      if (refusing.left > 0 && refusing.which(event)) {
        refusing.left -= 1;
        refused += 1;
        changed();
        throw new Error('the disk is full');
      }
      events.push(event);
      changed();
    },
    cursors: () => cursors,
    healthChanged: changed,
    refuse(times, which = () => true) {
      refusing = { left: times, which };
    },
    setCursors(next) {
      cursors = next;
    },
    until,
    heard: (text) => until(() => events.find((event) => event.text.includes(text))),
  };
}

let keys = 0;

/** A request to say this part; each has a key of its own unless one is given. */
export function requestOf(
  to: Address,
  part: OutboundPart,
  options: { key?: string; signal?: AbortSignal } = {},
): DeliverRequest {
  keys += 1;
  return {
    to,
    part,
    idempotencyKey: options.key ?? `key-${process.pid}-${keys}`.slice(0, 24),
    signal: options.signal ?? new AbortController().signal,
  };
}

export const textPart = (text: string, replyTo: string | null = null): OutboundPart => ({
  type: 'text',
  text,
  files: [],
  replyTo,
});
