import { Message } from 'chat';
import { z } from 'zod';
import type { Packet } from '../chat-sdk/guard.js';
import { mentions } from '../chat-sdk/mentions.js';
import { type MessageKind, messageIdOf } from './ids.js';

/** What is read of GitHub's events and answers, checked at the border. A deleted account is null. */
const userSchema = z
  .object({ id: z.number(), login: z.string(), type: z.string().default('User') })
  .nullish();
const writtenSchema = z.object({ body: z.string().nullish(), user: userSchema, created_at: z.string() });

const optionalText = z.string().nullish().catch(null);
const optionalNumber = z.number().nullish().catch(null);

export const commentSchema = writtenSchema.extend({
  id: z.number(),
  html_url: z.string(),
  updated_at: optionalText,
});
/** docs.github.com/en/rest/pulls/comments: `line` is null where the lines are not in the diff any more. */
export const reviewCommentSchema = commentSchema.extend({
  in_reply_to_id: z.number().nullish(),
  path: optionalText,
  line: optionalNumber,
  original_line: optionalNumber,
  diff_hunk: optionalText,
});
export const issueSchema = writtenSchema.extend({
  number: z.number(),
  title: z.string(),
  html_url: optionalText,
  updated_at: optionalText,
  pull_request: z.unknown().optional(),
});
const reviewSchema = z.object({
  id: z.number(),
  body: z.string().nullish(),
  user: userSchema,
  submitted_at: z.string(),
  html_url: optionalText,
  updated_at: optionalText,
});
const repositorySchema = z.object({ name: z.string(), owner: z.object({ login: z.string() }) });
const eventSchema = z.object({ action: z.string(), repository: repositorySchema });

/** What is told of the issue or pull request beside a comment in it. Of old versions' packets there is none. */
const ownerSchema = z.object({
  title: z.string().nullish(),
  body: z.string().nullish(),
  user: userSchema.catch(null),
  html_url: optionalText,
});
export type Owner = z.infer<typeof ownerSchema>;
const numberedSchema = ownerSchema.extend({ number: z.number(), pull_request: z.unknown().optional() });

const lineSchema = z.object({
  path: z.string(),
  line: z.number().nullable(),
  hunk: z.string().nullable(),
});

/** Something that was written, whatever kind it is. */
export interface Said {
  kind: MessageKind;
  id: number;
  createdAt: string;
  user: z.infer<typeof userSchema>;
  text: string;
  /** `owner/repo`, as GitHub writes it. */
  repository: string;
  /** The issue's or pull request's. */
  number: number;
  isPull: boolean;
  /** The first comment of its thread on a line; null: the conversation of the issue or pull request. */
  root: number | null;
  /** Its own page. */
  url?: string | null | undefined;
  updatedAt?: string | null | undefined;
  /** The issue or pull request that it stands in, where the packet tells. */
  owner?: Owner | undefined;
  /** Where in a diff it stands. */
  at?: z.infer<typeof lineSchema> | undefined;
}

/** Something that was written, as the Message of it has it as `raw`. */
export const saidSchema = z.object({
  kind: z.enum(['i', 'c', 'd', 'r']),
  id: z.number(),
  createdAt: z.string(),
  user: userSchema,
  text: z.string(),
  repository: z.string(),
  number: z.number(),
  isPull: z.boolean(),
  root: z.number().nullable(),
  url: optionalText,
  updatedAt: optionalText,
  owner: ownerSchema.optional().catch(undefined),
  at: lineSchema.optional().catch(undefined),
});

const told = z.string().optional().catch(undefined);
const unreadSchema = z
  .object({
    id: z.number().optional().catch(undefined),
    number: z.number().optional().catch(undefined),
    created_at: told,
    submitted_at: told,
    user: z.object({ id: z.number() }).optional().catch(undefined),
  })
  .optional()
  .catch(undefined);
const eventUnreadSchema = z
  .object({
    repository: z
      .object({ name: z.string(), owner: z.object({ login: z.string() }) })
      .optional()
      .catch(undefined),
    ...{ comment: unreadSchema, review: unreadSchema, pull_request: unreadSchema, issue: unreadSchema },
  })
  .catch({});

/** What is told of something that cannot be read, by what an event or a history has of it. */
export function packetOf(
  kind: MessageKind,
  item: unknown,
  repository: string | undefined,
  raw: unknown,
): Packet {
  const { id, number, created_at, submitted_at, user } = unreadSchema.parse(item) ?? {};
  const at = created_at ?? submitted_at;
  const own = kind === 'i' ? number : id;
  return {
    platformId: repository && `github:${repository}`,
    messageId: at !== undefined && own !== undefined ? messageIdOf(at, kind, own) : undefined,
    senderId: user?.id,
    at: Date.parse(at ?? ''),
    raw,
  };
}

export function packetOfEvent(event: string, payload: unknown): Packet {
  const { repository, comment, review, pull_request, issue } = eventUnreadSchema.parse(payload);
  const name = repository && `${repository.owner.login}/${repository.name}`;
  const kind = /review_comment/.test(event) ? 'd' : comment ? 'c' : review ? 'r' : 'i';
  return packetOf(kind, comment ?? review ?? pull_request ?? issue, name, { event, payload });
}

export const packetOfSaid = (said: Said): Packet => ({
  ...{ platformId: `github:${said.repository}`, messageId: messageIdOf(said.createdAt, said.kind, said.id) },
  ...{ senderId: said.user?.id, at: Date.parse(said.createdAt), raw: said },
});

type Place = Pick<Said, 'repository' | 'number' | 'isPull' | 'owner'>;

export const issueSaid = (issue: z.infer<typeof issueSchema>, repository: string): Said => ({
  ...{ kind: 'i', id: issue.number, createdAt: issue.created_at, user: issue.user, root: null },
  ...{ repository, number: issue.number, isPull: issue.pull_request != null },
  text: [issue.title, issue.body].filter(Boolean).join('\n\n'),
  ...{ url: issue.html_url, updatedAt: issue.updated_at },
});

export const commentSaid = (comment: z.infer<typeof commentSchema>, place: Place): Said => ({
  ...{ kind: 'c', id: comment.id, createdAt: comment.created_at, user: comment.user, root: null },
  ...place,
  text: comment.body ?? '',
  ...{ url: comment.html_url, updatedAt: comment.updated_at },
});

export const reviewCommentSaid = (comment: z.infer<typeof reviewCommentSchema>, place: Place): Said => ({
  ...commentSaid(comment, place),
  kind: 'd',
  root: comment.in_reply_to_id ?? comment.id,
  ...(comment.path
    ? {
        at: {
          path: comment.path,
          line: comment.line ?? comment.original_line ?? null,
          hunk: comment.diff_hunk ?? null,
        },
      }
    : {}),
});

/** What an event of a webhook says, or makes of what was said; null: nothing that is a message. */
export function saidIn(event: string | null, payload: unknown): Said | null {
  const head = eventSchema.safeParse(payload).data;
  if (!head) return null;
  const repository = `${head.repository.owner.login}/${head.repository.name}`;
  switch (event) {
    case 'issues':
      return issueSaid(z.object({ issue: issueSchema }).parse(payload).issue, repository);
    case 'pull_request': {
      const { pull_request } = z.object({ pull_request: issueSchema }).parse(payload);
      return issueSaid({ ...pull_request, pull_request: {} }, repository);
    }
    case 'issue_comment': {
      const found = z.object({ comment: commentSchema, issue: numberedSchema }).parse(payload);
      const { number, pull_request } = found.issue;
      const place = { repository, number, isPull: pull_request != null, owner: found.issue };
      return commentSaid(found.comment, place);
    }
    case 'pull_request_review_comment': {
      const found = z.object({ comment: reviewCommentSchema, pull_request: numberedSchema }).parse(payload);
      const { number } = found.pull_request;
      return reviewCommentSaid(found.comment, {
        repository,
        number,
        isPull: true,
        owner: found.pull_request,
      });
    }
    case 'pull_request_review': {
      const found = z.object({ review: reviewSchema, pull_request: numberedSchema }).parse(payload);
      const { review, pull_request: owner } = found;
      if (!review.body) return null;
      return {
        ...{ kind: 'r', id: review.id, createdAt: review.submitted_at, user: review.user, text: review.body },
        ...{ repository, number: owner.number, isPull: true, root: null, owner },
        ...{ url: review.html_url, updatedAt: review.updated_at },
      };
    }
    default:
      return null;
  }
}

/** The Chat SDK's id: an issue `…:issue:5`, a pull request `…:7`, a thread on a line of it `…:7:rc:99`. */
export function threadIdOf({ repository, number, isPull, root }: Said): string {
  const place = `github:${repository}:${isPull ? number : `issue:${number}`}`;
  return root === null ? place : `${place}:rc:${root}`;
}

export interface Self {
  id: number;
  login: string;
  /** What people mention. */
  name: string;
}

/** What `keyMark` puts under all that a Wharfie says, of this installation or of another. */
const MARK = /\n<!-- wharfie:[\w-]{1,64} -->\s*$/;

export function messageOf(said: Said, self: Self): Message {
  const user = said.user ?? { id: 0, login: 'ghost', type: 'User' };
  return new Message({
    id: messageIdOf(said.createdAt, said.kind, said.id),
    threadId: threadIdOf(said),
    text: said.text,
    // Nobody reads it: the text is Markdown already.
    formatted: { type: 'root', children: [] },
    raw: said,
    author: {
      userId: String(user.id),
      userName: user.login,
      fullName: user.login,
      // An account of a Wharfie is a person's to GitHub: what it says bears our mark.
      isBot: user.type === 'Bot' || MARK.test(said.text),
      isMe: user.id === self.id,
    },
    metadata: { dateSent: new Date(said.createdAt), edited: false },
    attachments: [],
    isMention: mentions(said.text, self.name) || mentions(said.text, self.login),
  });
}
