import { Message } from 'chat';
import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { mentions } from '../chat-sdk/mentions.js';
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
});

export const commentSchema = z.object({
  id: z.string(),
  body: z.string().default(''),
  createdAt: z.string(),
  user: personSchema,
  externalUser: personSchema,
  botActor: botSchema,
  parent: z
    .object({ id: z.string(), userId: z.string().nullish(), user: z.object({ id: z.string() }).nullish() })
    .nullish(),
  parentId: z.string().nullish(),
  /** Null for a comment on a document or a project update. */
  issue: placeSchema.nullish(),
});
export const issueSchema = placeSchema.extend({
  id: z.string(),
  title: z.string(),
  description: z.string().nullish(),
  createdAt: z.string(),
  creator: personSchema,
  botActor: botSchema,
});
export const eventSchema = z.object({
  type: z.string(),
  action: z.string(),
  /** When it was sent, epoch milliseconds. */
  webhookTimestamp: z.number(),
  data: z.unknown(),
});

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
  parent: { id: string; author: string | null } | null;
}

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
    parent: under ? { id: under, author: parent?.userId ?? parent?.user?.id ?? null } : null,
  };
}

/** What an event says; null: nothing that is a message. Changes are none. */
export function saidIn(event: z.infer<typeof eventSchema>): Said | null {
  if (event.action !== 'create') return null;
  if (event.type === 'Comment') return commentSaid(commentSchema.parse(event.data));
  if (event.type === 'Issue') return issueSaid(issueSchema.parse(event.data));
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
  [...text.matchAll(/\blinear\.app\/[\w-]+\/profiles\/([^\s)\]>/?#]+)/gi)].some(
    ([, profile = '']) => profile.replace(/[.,:;!]+$/, '').toLowerCase() === name.toLowerCase(),
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
