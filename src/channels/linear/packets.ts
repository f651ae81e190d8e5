import { Message } from 'chat';
import { z } from 'zod';
import { shortHash } from '../../ids.js';
import { jsonOf } from '../../json.js';
import type { Packet } from '../chat-sdk/guard.js';
import { mentions } from '../chat-sdk/mentions.js';
import { shownIn } from '../spoken.js';
import { isOfWharfie } from './comment-ids.js';
import { filesIn } from './files.js';

/** What is read of Linear's webhooks and answers, checked at the border. */
const personSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    displayName: z.string().optional(),
    /** It is an application's account: the API tells, events do not. */
    app: z.boolean().optional(),
  })
  .nullish();
/** What has written where no account has. Events have it as an object, or as JSON in a string. */
const botSchema = z
  .preprocess(
    (given) => (typeof given === 'string' ? jsonOf(given) : given),
    z.object({ id: z.string().nullish(), name: z.string().nullish(), userDisplayName: z.string().nullish() }),
  )
  .nullish()
  .catch(null);
const placeSchema = z.object({
  identifier: z.string(),
  team: z.object({ key: z.string(), name: z.string() }),
  title: z.string().nullish().catch(null),
  url: z.string().nullish().catch(null),
});
const optionalText = z.string().nullish().catch(null);
const changedSchema = { updatedAt: optionalText, editedAt: optionalText };

export const commentSchema = z.object({
  id: z.string(),
  body: z.string().default(''),
  createdAt: z.string(),
  user: personSchema,
  externalUser: personSchema,
  botActor: botSchema,
  parent: z
    .object({
      id: z.string(),
      userId: z.string().nullish(),
      user: z.object({ id: z.string(), name: optionalText }).nullish(),
      body: optionalText,
    })
    .nullish(),
  parentId: z.string().nullish(),
  /** Null for a comment on a document or a project update. */
  issue: placeSchema.nullish(),
  /** The part of the issue's description that it stands at. */
  quotedText: optionalText,
  ...changedSchema,
});
export const issueSchema = placeSchema.extend({
  id: z.string(),
  title: z.string(),
  description: z.string().nullish(),
  createdAt: z.string(),
  creator: personSchema,
  botActor: botSchema,
  ...changedSchema,
});
export const eventSchema = z.object({
  type: z.string(),
  action: z.string(),
  /** When it was sent, epoch milliseconds. */
  webhookTimestamp: z.number(),
  data: z.unknown(),
  /** Of an update: what was otherwise before. */
  updatedFrom: z.unknown().optional(),
  actor: z.object({ id: z.string(), name: z.string() }).nullish().catch(null),
});
type Event = Omit<z.infer<typeof eventSchema>, 'webhookTimestamp'>;

type Author = Pick<NonNullable<z.infer<typeof personSchema>>, 'id' | 'name' | 'displayName'>;

/** A comment, or an issue with what it says of itself. */
export interface Said {
  id: string;
  text: string;
  createdAt: string;
  author: Author;
  /** Null: the event does not tell whether its author's account is an application's. */
  isBot: boolean | null;
  /** Such as ENG-12. */
  identifier: string;
  team: string;
  teamName: string;
  /** The comment that it stands under, and who wrote that. */
  parent: {
    id: string;
    author: string | null;
    /** Where the packet tells them. */
    body?: string | null | undefined;
    name?: string | null | undefined;
  } | null;
  /** Of the issue. */
  title?: string | null | undefined;
  url?: string | null | undefined;
  /** The part of the issue's description that it stands at. */
  marked?: string | null | undefined;
  changedAt?: string | null | undefined;
}

/** The same, as the Message of it has it as `raw`. */
export const saidSchema: z.ZodType<Said> = z.object({
  id: z.string(),
  text: z.string(),
  createdAt: z.string(),
  author: z.object({ id: z.string(), name: z.string(), displayName: z.string().optional() }),
  isBot: z.boolean().nullable(),
  identifier: z.string(),
  team: z.string(),
  teamName: z.string(),
  parent: z
    .object({ id: z.string(), author: z.string().nullable(), body: optionalText, name: optionalText })
    .nullable(),
  ...{ title: optionalText, url: optionalText, marked: optionalText, changedAt: optionalText },
});
const calledSchema = z.object({ type: z.string(), action: z.string(), data: z.unknown() });

/** What was kept of something that could not be taken in; null: it says nothing. */
export function saidBy(kept: unknown): Said | null {
  const called = calledSchema.safeParse(kept).data;
  return called ? newIn(called) : saidSchema.parse(kept);
}

const told = z.string().optional().catch(undefined);
const keyed = z.object({ key: told }).optional().catch(undefined);
const personUnread = z.object({ id: told }).optional().catch(undefined);
const unreadSchema = z
  .object({
    id: told,
    createdAt: told,
    ...{ user: personUnread, creator: personUnread, team: keyed },
    issue: z.object({ team: keyed }).optional().catch(undefined),
  })
  .catch({});

/** What is told of something that cannot be read, by what an event or a history has of it. */
export function packetOf(type: 'Comment' | 'Issue', data: unknown): Packet {
  const { id, createdAt, user, creator, team, issue } = unreadSchema.parse(data);
  const key = (team ?? issue?.team)?.key;
  return {
    platformId: key && `linear:${key.toUpperCase()}`,
    messageId: id && (type === 'Issue' ? `${ISSUE}${id}` : id),
    senderId: (user ?? creator)?.id,
    at: Date.parse(createdAt ?? ''),
    raw: { type, action: 'create', data },
  };
}

export const packetOfSaid = (said: Said): Packet => ({
  ...{ platformId: `linear:${said.team.toUpperCase()}`, messageId: said.id },
  ...{ senderId: said.author.id, at: Date.parse(said.createdAt), raw: said },
});

/** An issue's own text has the id of the issue, marked, so that a reaction finds the right one of the two. */
const ISSUE = 'issue:';
export const issueIdOf = (messageId: string) =>
  messageId.startsWith(ISSUE) ? messageId.slice(ISSUE.length) : null;

/** Somebody with an account, or of another service that is kept in step with the issue, or else an integration or a rule. */
function authorOf(
  user: z.infer<typeof personSchema>,
  external: z.infer<typeof personSchema>,
  bot: z.infer<typeof botSchema>,
): Pick<Said, 'author' | 'isBot'> {
  if (user) return { author: user, isBot: user.app ?? null };
  if (external) return { author: external, isBot: false };
  const name = bot?.name || bot?.userDisplayName || 'Linear';
  return { author: { id: bot?.id || 'integration', name }, isBot: true };
}

export function issueSaid(issue: z.infer<typeof issueSchema>): Said {
  return {
    ...{ id: `${ISSUE}${issue.id}`, createdAt: issue.createdAt },
    ...authorOf(issue.creator, null, issue.botActor),
    ...{ identifier: issue.identifier, team: issue.team.key, teamName: issue.team.name, parent: null },
    text: [issue.title, issue.description].filter(Boolean).join('\n\n'),
    ...{ title: issue.title, url: issue.url, changedAt: issue.updatedAt },
  };
}

export function commentSaid(comment: z.infer<typeof commentSchema>): Said | null {
  const { issue, parent } = comment;
  if (!issue) return null;
  const under = parent?.id ?? comment.parentId;
  return {
    ...{ id: comment.id, text: comment.body, createdAt: comment.createdAt },
    ...authorOf(comment.user, comment.externalUser, comment.botActor),
    ...(isOfWharfie(comment.id) ? { isBot: true } : {}),
    ...{ identifier: issue.identifier, team: issue.team.key, teamName: issue.team.name },
    parent: under
      ? {
          ...{ id: under, author: parent?.userId ?? parent?.user?.id ?? null },
          ...{ body: parent?.body, name: parent?.user?.name },
        }
      : null,
    ...{ title: issue.title, url: issue.url, marked: comment.quotedText },
    changedAt: comment.editedAt ?? comment.updatedAt,
  };
}

/** What an event tells (linear.app/developers/webhooks). */
export type Happened =
  | { kind: 'said'; said: Said }
  | { kind: 'edited'; said: Said; by: { id: string; name: string }; version: string }
  | { kind: 'deleted'; said: Said; by: { id: string; name: string } };

const updatedSchema = z.object({ body: z.unknown(), title: z.unknown(), description: z.unknown() }).partial();

/** Null: nothing that is said, such as a new state or a label. */
export function happenedIn(event: Event): Happened | null {
  if (event.action === 'create') {
    const said = saidIn(event);
    return said && { kind: 'said', said };
  }
  if (event.action === 'remove') {
    const said = saidIn(event);
    return said && { kind: 'deleted', said, by: event.actor ?? said.author };
  }
  const before = updatedSchema.safeParse(event.updatedFrom).data ?? {};
  const words = event.type === 'Comment' ? ['body'] : ['title', 'description'];
  if (event.action !== 'update' || !words.some((name) => Object.hasOwn(before, name))) return null;
  const said = saidIn(event);
  return (
    said && {
      kind: 'edited',
      said,
      by: event.actor ?? said.author,
      version: said.changedAt ?? shortHash(said.text, 20),
    }
  );
}

function newIn(event: Event): Said | null {
  const happened = happenedIn(event);
  return happened?.kind === 'said' ? happened.said : null;
}

function saidIn({ type, data }: Event): Said | null {
  if (type === 'Comment') return commentSaid(commentSchema.parse(data));
  if (type === 'Issue') return issueSaid(issueSchema.parse(data));
  return null;
}

/** The Chat SDK's id here: the team, and the issue behind it. */
export const threadIdOf = ({ team, identifier }: Pick<Said, 'team' | 'identifier'>) =>
  `linear:${team.toUpperCase()}:${identifier}`;

export interface Self {
  id: string;
  name: string;
  displayName: string;
}

/** Linear takes the address of a profile for a mention, as a link or bare. */
const linksTo = (text: string, name: string) =>
  [...shownIn(text).matchAll(/\blinear\.app\/[\w-]+\/profiles\/([^\s)\]>/?#]+)/gi)].some(
    ([, profile = '']) => profile.replace(/(?<![.,:;!])[.,:;!]+$/, '').toLowerCase() === name.toLowerCase(),
  );

export function messageOf(said: Said, self: Self, apiUrl: string): Message {
  const { author } = said;
  const called =
    mentions(said.text, self.displayName) ||
    mentions(said.text, self.name) ||
    linksTo(said.text, self.displayName);
  return new Message({
    id: said.id,
    threadId: threadIdOf(said),
    text: said.text,
    // Nobody reads it: the text is Markdown already.
    formatted: { type: 'root', children: [] },
    raw: said,
    author: {
      userId: author.id,
      userName: author.displayName ?? author.name,
      fullName: author.name,
      isBot: said.isBot === true,
      isMe: author.id === self.id,
    },
    metadata: { dateSent: new Date(said.createdAt), edited: false },
    attachments: filesIn(said.text, apiUrl),
    // To go on under a comment of the bot is to answer it.
    isMention: called || said.parent?.author === self.id,
  });
}
