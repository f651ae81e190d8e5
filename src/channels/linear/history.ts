import { z } from 'zod';
import { ChannelError, type DeliverRequest, type DeliverResult } from '../adapter.js';
import type { Attempt } from '../chat-sdk/guard.js';
import { HistoryStartGone, type ThreadMessage } from '../chat-sdk/platform.js';
import type { BridgedLinearAdapter } from './adapter.js';
import type { LinearApi } from './api.js';
import { commentIdOf } from './comment-ids.js';
import {
  commentSaid,
  commentSchema,
  issueIdOf,
  issueSaid,
  issueSchema,
  messageOf,
  packetOf,
  packetOfSaid,
  type Said,
  type Self,
  threadIdOf,
} from './packets.js';

const PAGE = 100;
/** What stands for a moment in the place of a message: epoch milliseconds. */
const MOMENT = /^at:(\d{1,15})$/;
export const momentId = (ms: number) => `at:${ms}`;

const PLACE = 'identifier team { key name }';
const PERSON = 'id name displayName app';
const BOT = 'botActor { id name userDisplayName }';
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';
const ISSUES = `query Issues($filter: IssueFilter, $after: String) {
  issues(filter: $filter, first: ${PAGE}, after: $after, includeArchived: true) {
    nodes { id title url description createdAt creator { ${PERSON} } ${BOT} ${PLACE} } ${PAGE_INFO}
  }
}`;
const COMMENTS = `query Comments($filter: CommentFilter, $after: String) {
  comments(filter: $filter, first: ${PAGE}, after: $after, includeArchived: true) {
    nodes {
      id body createdAt user { ${PERSON} } externalUser { id name displayName } ${BOT}
      quotedText parent { id body user { id name } } issue { title url ${PLACE} }
    }
    ${PAGE_INFO}
  }
}`;
const COMMENT_TIME = 'query CommentTime($id: String!) { comment(id: $id) { createdAt } }';
const ISSUE_TIME = 'query IssueTime($id: String!) { issue(id: $id) { createdAt } }';

const timeSchema = z.object({ createdAt: z.string() });
/** One that cannot be read keeps out no other of its page. */
const pageSchema = z.object({
  nodes: z.array(z.unknown()),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
});
const issuesSchema = z.object({ issues: pageSchema });
const commentsSchema = z.object({ comments: pageSchema });

export interface HistoryDeps {
  adapter: BridgedLinearAdapter;
  api: LinearApi;
  apiUrl: string;
  self: Self;
  attempt: Attempt;
}

/** What was written in a team's issues after one of its messages, in the order in which it was written. */
export async function* messagesSince(
  { api, apiUrl, self, attempt }: HistoryDeps,
  platformId: string,
  after: string,
  signal: AbortSignal,
): AsyncIterable<ThreadMessage> {
  const since = await timeOf(api, after, signal);
  if (since === null) throw new HistoryStartGone();
  const team = { key: { eqIgnoreCase: platformId.slice('linear:'.length) } };
  const createdAt = { gte: since };
  const said: Said[] = [];
  for await (const issue of pages(async (cursor) => {
    const variables = { filter: { createdAt, team }, after: cursor };
    return (await api.call(ISSUES, variables, issuesSchema, signal)).issues;
  })) {
    const read = await attempt(packetOf('Issue', issue), () => issueSaid(issueSchema.parse(issue)));
    if (read) said.push(read.value);
  }
  for await (const comment of pages(async (cursor) => {
    const variables = { filter: { createdAt, issue: { team } }, after: cursor };
    return (await api.call(COMMENTS, variables, commentsSchema, signal)).comments;
  })) {
    const read = await attempt(packetOf('Comment', comment), () => commentSaid(commentSchema.parse(comment)));
    if (read?.value) said.push(read.value);
  }
  said.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  for (const one of said) {
    if (one.id === after) continue;
    const read = await attempt(packetOfSaid(one), () => messageOf(one, self, apiUrl));
    if (read) yield { threadId: threadIdOf(one), message: read.value };
  }
}

async function* pages<T>(
  read: (cursor: string | null) => Promise<{
    nodes: T[];
    pageInfo: { hasNextPage: boolean; endCursor?: string | null | undefined };
  }>,
): AsyncIterable<T> {
  let cursor: string | null = null;
  do {
    const { nodes, pageInfo } = await read(cursor);
    yield* nodes;
    cursor = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
  } while (cursor !== null);
}

/** When a message was written; null: it is gone. */
async function timeOf(api: LinearApi, messageId: string, signal: AbortSignal): Promise<string | null> {
  const moment = MOMENT.exec(messageId)?.[1];
  if (moment) return new Date(Number(moment)).toISOString();
  const issueId = issueIdOf(messageId);
  try {
    if (issueId === null) {
      const schema = z.object({ comment: timeSchema });
      return (await api.call(COMMENT_TIME, { id: messageId }, schema, signal)).comment.createdAt;
    }
    const schema = z.object({ issue: timeSchema });
    return (await api.call(ISSUE_TIME, { id: issueId }, schema, signal)).issue.createdAt;
  } catch (thrown) {
    if (thrown instanceof ChannelError && thrown.code === 'linear-not-found') return null;
    throw thrown;
  }
}

/** Looks for a comment of ours, by the id that it was given. Null: it did not arrive. */
export async function findSent(
  { adapter, self }: HistoryDeps,
  { idempotencyKey }: DeliverRequest,
): Promise<DeliverResult | null> {
  const found = await adapter.comment(commentIdOf(idempotencyKey));
  return found?.user?.id === self.id ? { messageIds: [found.id] } : null;
}
