import { Message } from 'chat';
import { z } from 'zod';
import { mentions } from '../chat-sdk/mentions.js';
import { type MessageKind, messageIdOf } from './ids.js';

/** What is read of GitHub's events and answers, checked at the border. A deleted account is null. */
const userSchema = z
  .object({ id: z.number(), login: z.string(), type: z.string().default('User') })
  .nullish();
const writtenSchema = z.object({ body: z.string().nullish(), user: userSchema, created_at: z.string() });

export const commentSchema = writtenSchema.extend({ id: z.number(), html_url: z.string() });
export const reviewCommentSchema = commentSchema.extend({ in_reply_to_id: z.number().nullish() });
export const issueSchema = writtenSchema.extend({
  number: z.number(),
  title: z.string(),
  pull_request: z.unknown().optional(),
});
const reviewSchema = z.object({
  id: z.number(),
  body: z.string().nullish(),
  user: userSchema,
  submitted_at: z.string(),
});
const repositorySchema = z.object({ name: z.string(), owner: z.object({ login: z.string() }) });
const eventSchema = z.object({ action: z.string(), repository: repositorySchema });

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
}

type Place = Pick<Said, 'repository' | 'number' | 'isPull'>;

export const issueSaid = (issue: z.infer<typeof issueSchema>, repository: string): Said => ({
  ...{ kind: 'i', id: issue.number, createdAt: issue.created_at, user: issue.user, root: null },
  ...{ repository, number: issue.number, isPull: issue.pull_request != null },
  text: [issue.title, issue.body].filter(Boolean).join('\n\n'),
});

export const commentSaid = (comment: z.infer<typeof commentSchema>, place: Place): Said => ({
  ...{ kind: 'c', id: comment.id, createdAt: comment.created_at, user: comment.user, root: null },
  ...place,
  text: comment.body ?? '',
});

export const reviewCommentSaid = (comment: z.infer<typeof reviewCommentSchema>, place: Place): Said => ({
  ...commentSaid(comment, place),
  kind: 'd',
  root: comment.in_reply_to_id ?? comment.id,
});

/** What an event of a webhook says; null: nothing that is a message. Edits are none. */
export function saidIn(event: string | null, payload: unknown): Said | null {
  const head = eventSchema.safeParse(payload).data;
  if (!head) return null;
  const repository = `${head.repository.owner.login}/${head.repository.name}`;
  switch (`${event}.${head.action}`) {
    case 'issues.opened':
      return issueSaid(z.object({ issue: issueSchema }).parse(payload).issue, repository);
    case 'pull_request.opened': {
      const { pull_request } = z.object({ pull_request: issueSchema }).parse(payload);
      return issueSaid({ ...pull_request, pull_request: {} }, repository);
    }
    case 'issue_comment.created': {
      const { comment, issue } = z.object({ comment: commentSchema, issue: issueSchema }).parse(payload);
      const isPull = issue.pull_request != null;
      return commentSaid(comment, { repository, number: issue.number, isPull });
    }
    case 'pull_request_review_comment.created': {
      const found = z
        .object({ comment: reviewCommentSchema, pull_request: z.object({ number: z.number() }) })
        .parse(payload);
      return reviewCommentSaid(found.comment, {
        ...{ repository, number: found.pull_request.number, isPull: true },
      });
    }
    case 'pull_request_review.submitted': {
      const { review, pull_request } = z
        .object({ review: reviewSchema, pull_request: z.object({ number: z.number() }) })
        .parse(payload);
      if (!review.body) return null;
      return {
        ...{ kind: 'r', id: review.id, createdAt: review.submitted_at, user: review.user, text: review.body },
        ...{ repository, number: pull_request.number, isPull: true, root: null },
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
