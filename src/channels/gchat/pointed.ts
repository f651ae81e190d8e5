import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { MessageDetails } from '../chat-sdk/platform.js';
import type { GoogleChatRequest, GoogleChatRest } from './rest.js';
import { type Pointed, pointedAt, type Quoting, textOf, wordsSchema } from './words.js';

const MOST_NAMES = 1000;
const LONGEST_ASK_MS = 5000;

const personSchema = z
  .object({ name: z.string(), displayName: z.string().optional() })
  .optional()
  .catch(undefined);
const messageSchema = wordsSchema.extend({ name: z.string(), sender: personSchema });
const listSchema = z.object({ messages: z.array(messageSchema).default([]) });

export interface PointedDeps {
  rest: GoogleChatRest;
  clock: Clock;
  log: Log;
  /** Aborted when the channel stops. */
  signal: AbortSignal;
}

/** Messages that others point at: what they answer, what they pass on, and what their threads began with. */
export function createPointed({ rest, clock, log, signal }: PointedDeps) {
  /** Of accounts that were heard: a quotation names its writer by the id alone. */
  const names = new Map<string, string>();

  function met(id: string, displayName: string | undefined): void {
    if (!displayName) return;
    names.delete(id);
    names.set(id, displayName);
    const [oldest] = names.keys();
    if (names.size > MOST_NAMES && oldest !== undefined) names.delete(oldest);
  }

  const nameOf = (sender: string) => names.get(sender) ?? sender;
  const get = <T>(request: Pick<GoogleChatRequest, 'path' | 'query'>, schema: z.ZodType<T>): Promise<T> =>
    within(clock, LONGEST_ASK_MS, signal, (ending) =>
      rest.call({ method: 'GET', ...request, signal: ending }, schema),
    );

  /** An app may read by its name what it has said itself, and what was said to it. */
  async function read(name: string): Promise<z.infer<typeof messageSchema>> {
    const found = await get({ path: name }, messageSchema);
    if (found.sender) met(found.sender.name, found.sender.displayName);
    return found;
  }

  /** An older version of a quotation has no words in it. */
  async function complete(pointed: Pointed, space: string): Promise<Pointed> {
    const { name, text } = pointed;
    if (text !== null || name === null || !isMessageOf(name, space)) return pointed;
    const found = await read(name).catch((error: unknown) => {
      log.debug({ reason: reasonOf(error) }, 'a quoted message was not read');
      return null;
    });
    return found ? { ...pointed, text: textOf(found), from: found.sender?.name ?? '' } : pointed;
  }

  async function rootOf(
    space: string,
    thread: string,
  ): Promise<Awaited<ReturnType<NonNullable<MessageDetails['root']>>>> {
    const id = thread.split('/').at(-1) ?? '';
    // The first message of a thread has its id twice.
    const found = await read(`${space}/messages/${id}.${id}`).catch(async () => {
      const query = { filter: `thread.name = ${thread}`, orderBy: 'createTime ASC', pageSize: '1' };
      const path = `${space}/messages`;
      return (await get({ path, query }, listSchema)).messages[0];
    });
    if (!found) return null;
    const { displayName, name = '' } = found.sender ?? {};
    return { text: textOf(found), from: displayName || nameOf(name), messageId: found.name };
  }

  return {
    met,
    rootOf,
    async of(raw: unknown, space: string): Promise<Quoting> {
      const pointed = pointedAt(wordsSchema.parse(raw));
      if (!pointed) return {};
      if (pointed.kind === 'forward') {
        const { text, from, space: before, at, files } = pointed;
        return {
          forwarded: { text: text ?? '', from: nameOf(from) || before, at },
          files,
          ...lossOf(text, files),
        };
      }
      const { name, text, from, files } = await complete(pointed, space);
      const quoted = { text: text ?? '', from: nameOf(from), messageId: name, partial: false, files };
      return { replyTo: name, ...(text === null ? {} : { quoted }), ...lossOf(text, []) };
    },
  };
}

const isMessageOf = (name: string, space: string) =>
  name.startsWith(`${space}/messages/`) && /^[\w./-]{1,300}$/.test(name);

const lossOf = (text: string | null, files: readonly unknown[]) =>
  text === null && files.length === 0
    ? { problems: ['The message that this one answers or passes on could not be read.'] }
    : {};
