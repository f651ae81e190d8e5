import { z } from 'zod';
import type { FakeComment, FakeIssue, World } from './world.js';

/** What Linear says no with. */
export class Refusal extends Error {
  readonly code: string;

  constructor(message: string, code = 'INPUT_ERROR') {
    super(message);
    this.code = code;
  }
}

const LONGEST_BODY = 100_000;
const idSchema = z.object({ id: z.string() });
const dateSchema = z.object({ gte: z.string() });
const teamSchema = z.object({ key: z.object({ eqIgnoreCase: z.string() }) });
const pageSchema = z.object({ after: z.string().nullish() });
const issuesSchema = pageSchema.extend({
  filter: z.object({ createdAt: dateSchema, team: teamSchema }).strict(),
});
const commentsSchema = pageSchema.extend({
  filter: z.object({ createdAt: dateSchema, issue: z.object({ team: teamSchema }).strict() }).strict(),
});
const createSchema = z.object({
  input: z
    .object({
      id: z.uuid({ version: 'v4' }).optional(),
      issueId: z.string(),
      body: z.string().min(1).max(LONGEST_BODY),
      parentId: z.string().optional(),
    })
    .strict(),
});
const updateSchema = idSchema.extend({ input: z.object({ body: z.string().min(1) }).strict() });
const reactSchema = z.object({
  input: z
    .object({ commentId: z.string().optional(), issueId: z.string().optional(), emoji: z.string() })
    .strict(),
});

const uploadSchema = z
  .object({ contentType: z.string(), filename: z.string(), size: z.number().int() })
  .strict();

type Resolver = (variables: unknown) => unknown;

/** The root fields of Linear's GraphQL schema that the channel asks for. `onComment`: the bot has written it. */
export function createResolvers(
  world: World,
  origin: () => string,
  onComment: (comment: FakeComment) => void,
): Readonly<Record<string, Resolver>> {
  const commentOf = (id: string) =>
    world.comments.find((one) => one.id === id) ?? refuse('Entity not found: Comment');
  const issueOf = (id: string) =>
    world.issues.find((one) => one.id === id || one.identifier === id) ?? refuse('Entity not found: Issue');

  /** Newest first, as Linear does. */
  function page<T extends { createdAt: string }>(
    all: T[],
    size: number,
    after: string | null | undefined,
    show: (one: T) => object,
  ) {
    const sorted = [...all].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    const start = Number(after ?? 0);
    const end = start + size;
    return {
      nodes: sorted.slice(start, end).map(show),
      pageInfo: { hasNextPage: end < sorted.length, endCursor: String(end) },
    };
  }

  const inTeam = (issue: FakeIssue, { key }: z.infer<typeof teamSchema>) =>
    issue.team.key.toLowerCase() === key.eqIgnoreCase.toLowerCase();

  return {
    viewer: () => world.bot,
    teams(variables) {
      const { filter } = z.object({ filter: teamSchema }).parse(variables);
      return {
        nodes: world.teams.filter((one) => one.key.toLowerCase() === filter.key.eqIgnoreCase.toLowerCase()),
      };
    },
    comment: (variables) => shownComment(commentOf(idSchema.parse(variables).id)),
    issue: (variables) => issueOf(idSchema.parse(variables).id),
    user(variables) {
      const { id } = idSchema.parse(variables);
      const { bot, ada, rover } = world;
      return [bot, ada, rover].find((one) => one.id === id) ?? refuse('Entity not found: User');
    },
    issues(variables) {
      const { filter, after } = issuesSchema.parse(variables);
      const found = world.issues.filter(
        (one) => one.createdAt >= filter.createdAt.gte && inTeam(one, filter.team),
      );
      return page(found, 100, after, (one) => one);
    },
    comments(variables) {
      const { filter, after } = commentsSchema.parse(variables);
      const found = world.comments.filter(
        (one) => one.createdAt >= filter.createdAt.gte && inTeam(one.issue, filter.issue.team),
      );
      return page(found, 100, after, shownComment);
    },
    commentCreate(variables) {
      const { id, issueId, body, parentId } = createSchema.parse(variables).input;
      if (id && world.comments.some((one) => one.id === id)) refuse('Entity with this id already exists');
      const parent = parentId === undefined ? null : commentOf(parentId);
      if (parent?.parent) refuse('Parent comment must be a top level comment');
      const comment = world.write({
        body,
        issue: issueOf(issueId),
        user: world.bot,
        parent,
        ...(id ? { id } : {}),
      });
      onComment(comment);
      return { success: true, comment: shownComment(comment) };
    },
    commentUpdate(variables) {
      const { id, input } = updateSchema.parse(variables);
      const comment = commentOf(id);
      if (comment.user !== world.bot) refuse('not yours', 'FORBIDDEN');
      comment.body = input.body;
      return { success: true };
    },
    fileUpload(variables) {
      const { size } = uploadSchema.parse(variables);
      const id = `f${world.files.size + 1}`;
      world.files.set(id, null);
      const headers = [{ key: 'x-content-length-range', value: `${size},${size}` }];
      const uploadUrl = `${origin()}/upload/${id}`;
      return { success: true, uploadFile: { uploadUrl, assetUrl: `${origin()}/files/${id}`, headers } };
    },
    reactionCreate(variables) {
      const { commentId, issueId, emoji } = reactSchema.parse(variables).input;
      if (commentId) commentOf(commentId).reacted.push(emoji);
      else issueOf(issueId ?? '');
      return { success: true };
    },
  };
}

const refuse = (message: string, code?: string): never => {
  throw new Refusal(message, code);
};

/** A comment as the API and its events tell it. */
export function shownComment(comment: FakeComment): object {
  const { id, body, createdAt, user, issue, parent, botActor, externalUser, quotedText, editedAt } = comment;
  const under = parent
    ? { id: parent.id, body: parent.body, userId: parent.user?.id, user: parent.user }
    : null;
  const url = `https://linear.app/ada/issue/${issue.identifier}`;
  const place = { id: issue.id, identifier: issue.identifier, title: issue.title, url, team: issue.team };
  return {
    id,
    body,
    createdAt,
    updatedAt: editedAt ?? createdAt,
    ...{ quotedText, editedAt },
    user,
    userId: user?.id,
    botActor,
    externalUser,
    issue: place,
    parent: under,
    parentId: parent?.id,
  };
}
