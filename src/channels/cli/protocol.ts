import { z } from 'zod';
import { jsonOf } from '../../json.js';

/**
 * What the terminal client and the host say to each other over `data/cli.sock`: one JSON object a line.
 * `line` ids come from the client, `say` ids from the host; a `say` counts as delivered when its `ack` is back.
 */
export const clientMessageSchema = z.discriminatedUnion('type', [
  /** `piped`: tell me with `settled` when my line has got everything that it will get. */
  z.object({ type: z.literal('hello'), piped: z.boolean() }),
  z.object({ type: z.literal('line'), id: z.string().min(1).max(64), text: z.string().min(1).max(100_000) }),
  z.object({ type: z.literal('ack'), id: z.string().min(1).max(64) }),
  /** For steps: how is each channel? */
  z.object({ type: z.literal('channels'), id: z.string().min(1).max(64) }),
  /** For steps: since when do you run, and with which settings? */
  z.object({ type: z.literal('about'), id: z.string().min(1).max(64) }),
  /** For steps: does the platform know this chat, and are you in it? */
  z.object({
    type: z.literal('chat'),
    id: z.string().min(1).max(64),
    channelType: z.string().min(1).max(100),
    platformId: z.string().min(1).max(1000),
  }),
  /** For steps: say this in a wired chat, outside any session. */
  z.object({
    type: z.literal('post'),
    id: z.string().min(1).max(64),
    channelType: z.string().min(1).max(100),
    platformId: z.string().min(1).max(1000),
    text: z.string().min(1).max(2000),
  }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

/** How a channel is doing, for an operator. */
const channelStateSchema = z.object({
  channelType: z.string(),
  state: z.enum(['connected', 'connecting', 'unconfigured', 'failed']),
  detail: z.string(),
  fix: z.string(),
  /** Epoch milliseconds; a host of an earlier version does not say. */
  since: z.number().nullish(),
  /** How a person mentions the bot there; left out: not known, or a host of before. */
  bot: z.string().optional(),
});
export type ChannelState = z.infer<typeof channelStateSchema>;

/** What a host was started with. */
const hostAboutSchema = z.object({
  startedAt: z.number(),
  node: z.string(),
  /** No platform is served. */
  terminalOnly: z.boolean(),
  /** Its settings as they are in force, none of which is a secret. */
  settings: z.record(z.string(), z.string()),
  /** Those of them that its environment gives it, whatever `.env` says. */
  fromEnvironment: z.array(z.string()),
  /** How long its event loop once stood still at most; 0: less than a second. Earlier versions do not say. */
  longestStopMs: z.number().exactOptional(),
});
export type HostAbout = z.infer<typeof hostAboutSchema>;

/** `found`: the platform knows it · `not-found`: it does not, or the bot is not in there · `not-asked`: nobody can tell now. */
const chatAnswerSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('found'), platformId: z.string(), name: z.string(), isGroup: z.boolean() }),
  z.object({ state: z.literal('not-found') }),
  z.object({ state: z.literal('not-asked'), why: z.string() }),
]);
export type ChatAnswer = z.infer<typeof chatAnswerSchema>;

export const hostMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), lines: z.array(z.string()) }),
  z.object({ type: z.literal('say'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('typing') }),
  /** The line could not be taken in: it is not kept. */
  z.object({ type: z.literal('refused'), id: z.string(), reason: z.string() }),
  z.object({ type: z.literal('settled'), id: z.string(), outcome: z.enum(['done', 'failed', 'waiting']) }),
  z.object({ type: z.literal('channels'), id: z.string(), channels: z.array(channelStateSchema) }),
  z.object({ type: z.literal('about'), id: z.string(), about: hostAboutSchema }),
  z.object({ type: z.literal('chat'), id: z.string(), answer: chatAnswerSchema }),
  /** `problem` null: the platform took it. */
  z.object({
    type: z.literal('posted'),
    id: z.string(),
    problem: z.object({ code: z.string(), message: z.string(), fix: z.string() }).nullable(),
  }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;

/** Longest line that either side reads, in UTF-16 code units. */
const LONGEST_LINE = 400_000;

/** Splits a byte stream into parsed lines; `onBad` gets what is no valid message of this protocol. */
export function createLineParser<T>(
  schema: z.ZodType<T>,
  onMessage: (message: T) => void,
  onBad: (reason: string) => void,
): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      rest = '';
      onBad('a line is too long');
    }
    for (const line of lines) {
      const parsed = schema.safeParse(jsonOf(line));
      if (parsed.success) onMessage(parsed.data);
      else onBad('a line is not a message of this protocol');
    }
  };
}
