import { z } from 'zod';
import { jsonOf } from '../../json.js';

/** What is read of an activity (learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object). */
const accountSchema = z.looseObject({ id: z.string().min(1), name: z.string().nullish() });
const placeSchema = z.looseObject({ id: z.string(), name: z.string().nullish() });
const reactionSchema = z.looseObject({ type: z.string() });

/** Who calls, about what: enough to see whether it may be believed. */
const callerSchema = z.object({ channelId: z.string(), serviceUrl: z.string() });

export const activitySchema = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  timestamp: z.string().optional(),
  channelId: z.string(),
  serviceUrl: z.string(),
  from: accountSchema,
  conversation: z.looseObject({
    id: z.string().min(1),
    conversationType: z.string().nullish(),
    name: z.string().nullish(),
  }),
  replyToId: z.string().nullish(),
  text: z.string().nullish(),
  value: z.unknown().optional(),
  entities: z.array(z.unknown()).nullish(),
  reactionsAdded: z.array(reactionSchema).nullish(),
  channelData: z
    .looseObject({
      team: placeSchema.optional(),
      channel: placeSchema.optional(),
      eventType: z.string().nullish().catch(null),
    })
    .nullish(),
});
export type TeamsActivity = z.infer<typeof activitySchema>;

const ROOT = /;messageid=(\d+)$/;

/** A body as it came, and who says that they sent it; null: it is no activity. */
export function readEnvelope(body: string): { json: unknown; caller: z.infer<typeof callerSchema> } | null {
  const json = jsonOf(body);
  const caller = callerSchema.safeParse(json).data;
  return caller ? { json, caller } : null;
}

/** What the connector tells of; null: nothing that can be read. */
export function readActivity(json: unknown): TeamsActivity | null {
  const activity = activitySchema.safeParse(json).data;
  if (!activity) return null;
  const { conversation, replyToId, id, from } = activity;
  // With it the adapter would ask the connector about the person, before the message is taken in.
  delete from.aadObjectId;
  const root = replyToId ?? id;
  if (conversation.conversationType === 'channel' && !ROOT.test(conversation.id) && root) {
    conversation.id += `;messageid=${root}`;
  }
  return activity;
}

const told = z.string().optional().catch(undefined);
/** What is told of a message that cannot be read. */
export const unreadSchema = z
  .object({
    type: told,
    id: told,
    timestamp: told,
    serviceUrl: told,
    from: z.object({ id: told }).optional().catch(undefined),
    conversation: z.object({ id: told }).optional().catch(undefined),
  })
  .catch({});

/** The channel or chat, and the thread in it: in a channel each message stands in one, that it may have begun. */
export function placeOf(conversationId: string): { conversation: string; thread: string } {
  const thread = ROOT.exec(conversationId)?.[1] ?? '';
  return { conversation: conversationId.replace(ROOT, ''), thread };
}

const quoteSchema = z.object({
  type: z.literal('quotedReply'),
  // learn.microsoft.com/dotnet/api/microsoft.teams.apps.schema.entities.quotedreplydata
  quotedReply: z.object({
    messageId: z.string(),
    senderId: z.string().nullish().catch(null),
    senderName: z.string().nullish().catch(null),
    preview: z.string().nullish().catch(null),
  }),
});
const MOST_ENTITIES = 200;

/** The message that this one quotes, who said that, and its beginning where Teams tells. */
export function quoteOf({
  entities,
}: TeamsActivity): { messageId: string; senderId: string; senderName: string; preview: string } | null {
  for (const entity of (entities ?? []).slice(0, MOST_ENTITIES)) {
    const quote = quoteSchema.safeParse(entity).data?.quotedReply;
    if (!quote) continue;
    const { messageId, senderId, senderName, preview } = quote;
    return {
      ...{ messageId, senderId: senderId ?? '', senderName: senderName ?? '' },
      preview: decoded(preview ?? '').trim(),
    };
  }
  return null;
}

const mentionSchema = z.object({
  type: z.literal('mention'),
  text: z.string().nullish(),
  mentioned: z.object({ id: z.string() }),
});

/** How this message calls the bot (`@Name`, empty where Teams does not tell it); null: it does not. */
export function calledIn({ entities }: TeamsActivity, appId: string): string | null {
  for (const entity of entities ?? []) {
    const mention = mentionSchema.safeParse(entity).data;
    if (mention && isBot(mention.mentioned.id, appId)) return readable(mention.text ?? '');
  }
  return null;
}

/** What a person wrote, with names in the place of mentions and without the mark of a quotation. */
export const textOf = ({ text }: TeamsActivity) => readable(text ?? '');

function readable(text: string): string {
  const named = text
    .replace(/<at\b[^<>]{0,200}>([^<>]{1,300})<\/at>/gi, '@$1')
    .replace(/<quoted\b[^<>]{0,200}\/>/gi, '');
  return decoded(named).trim();
}

/** Is this account our bot? Teams puts `28:` before the app's id, and does not keep its letters small. */
export function isBot(accountId: string, appId: string): boolean {
  const id = accountId.toLowerCase();
  return id === appId.toLowerCase() || id.endsWith(`:${appId.toLowerCase()}`);
}

const NAMED: Readonly<Record<string, string>> = {
  ...{ lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', amp: '&', hellip: '…', ndash: '–', mdash: '—' },
};

/** `&lt;` and its like as the characters that they stand for, once. */
export function decoded(text: string): string {
  return text
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
      if (name) return NAMED[String(name).toLowerCase()] ?? whole;
      const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff)
        ? String.fromCodePoint(code)
        : whole;
    })
    .replace(/\u00A0/g, ' ');
}

/** Teams' ids of messages are the moments in which they were written. */
export function momentOf(given: string | null | undefined): number | null {
  const at = /^\d{12,14}$/.test(given ?? '') ? Number(given) : Date.parse(given ?? '');
  return Number.isFinite(at) && at > 0 ? at : null;
}
