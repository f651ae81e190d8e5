import type { DeliverRequest, DeliverResult } from '../adapter.js';
import type { Attempt } from '../chat-sdk/guard.js';
import type { ThreadMessage } from '../chat-sdk/platform.js';
import { type BridgedGitHubAdapter, keyMark } from './adapter.js';
import { type MessageKind, messageIdOf, parseMessageId } from './ids.js';
import {
  commentSaid,
  commentSchema,
  issueSaid,
  issueSchema,
  messageOf,
  packetOf,
  packetOfSaid,
  reviewCommentSaid,
  reviewCommentSchema,
  type Said,
  type Self,
  threadIdOf,
} from './packets.js';

const PAGE = 100;
/** GitHub's clock and ours differ by less than this. */
const SKEW_MS = 10_000;
/** Of what was written in the same second, an issue comes before what is said in it. */
const ORDER = 'icdr';

export interface HistoryDeps {
  adapter: BridgedGitHubAdapter;
  self: Self;
  attempt: Attempt;
}

/** What was written in a repository after one of its messages, in the order in which it was written. */
export async function* messagesSince(
  { adapter, self, attempt }: HistoryDeps,
  platformId: string,
  after: string,
  signal: AbortSignal,
): AsyncIterable<ThreadMessage> {
  const seconds = Number(/^\d{1,12}/.exec(after)?.[0] ?? Number.NaN);
  if (Number.isNaN(seconds)) return;
  const start = parseMessageId(after);
  const place = placeOf(platformId);
  const { rest, paginate } = adapter.octokit;
  // `since` is the time of the last change: what was changed only is sorted out below.
  const asked = {
    ...place,
    since: isoOf(seconds * 1000),
    direction: 'asc',
    sort: 'created',
    per_page: PAGE,
  } as const;
  const said: Said[] = [];
  /** One that cannot be read keeps out no other of its page. */
  async function take(
    kind: MessageKind,
    items: readonly unknown[],
    read: (item: unknown) => Said,
  ): Promise<void> {
    for (const item of items) {
      const found = await attempt(packetOf(kind, item, place.name, item), () => read(item));
      if (found) said.push(found.value);
    }
  }
  for await (const { data } of paginate.iterator(rest.issues.listForRepo, { ...asked, state: 'all' })) {
    signal.throwIfAborted();
    await take('i', data, (item) => issueSaid(issueSchema.parse(item), place.name));
  }
  for await (const { data } of paginate.iterator(rest.issues.listCommentsForRepo, asked)) {
    signal.throwIfAborted();
    await take('c', data, (item) => {
      const comment = commentSchema.parse(item);
      return commentSaid(comment, whereOf(comment, place.name));
    });
  }
  for await (const { data } of paginate.iterator(rest.pulls.listReviewCommentsForRepo, asked)) {
    signal.throwIfAborted();
    await take('d', data, (item) => {
      const comment = reviewCommentSchema.parse(item);
      return reviewCommentSaid(comment, whereOf(comment, place.name));
    });
  }
  const later = said.filter((one) => {
    const at = secondsOf(one);
    return at > seconds || (at === seconds && !(start?.kind === one.kind && one.id <= start.id));
  });
  later.sort(
    (a, b) => secondsOf(a) - secondsOf(b) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.id - b.id,
  );
  for (const one of later) {
    const read = await attempt(packetOfSaid(one), () => messageOf(one, self));
    if (read) yield { threadId: threadIdOf(one), message: read.value };
  }
}

const secondsOf = (said: Said) => Math.floor(Date.parse(said.createdAt) / 1000);
const isoOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function placeOf(platformId: string) {
  const [owner = '', repo = ''] = platformId.slice(platformId.indexOf(':') + 1).split('/');
  return { owner, repo, name: `${owner}/${repo}` };
}

/** Its address tells where a comment stands (`…/pull/7#issuecomment-1`, `…/issues/5#…`). */
function whereOf({ html_url }: { html_url: string }, repository: string) {
  const [, kind, number] = /\/(pull|issues)\/(\d+)(?:#|$|\/)/.exec(html_url) ?? [];
  return { repository, number: Number(number), isPull: kind === 'pull' };
}

/** Looks for a comment of ours that was sent about then, by its key. Null: it did not arrive. */
export async function findSent(
  { adapter, self }: HistoryDeps,
  { to, idempotencyKey, signal }: DeliverRequest,
  sentAt: number,
): Promise<DeliverResult | null> {
  const { owner, repo, prNumber, reviewCommentId } = adapter.decodeThreadId(
    `${to.platformId}:${to.threadId}`,
  );
  const { rest, paginate } = adapter.octokit;
  const asked = { owner, repo, since: isoOf(sentAt - SKEW_MS), per_page: PAGE };
  const pages = reviewCommentId
    ? paginate.iterator(rest.pulls.listReviewComments, { ...asked, pull_number: prNumber })
    : paginate.iterator(rest.issues.listComments, { ...asked, issue_number: prNumber });
  const mark = keyMark(idempotencyKey).trim();
  for await (const { data } of pages) {
    signal.throwIfAborted();
    const found = data
      .flatMap((item) => commentSchema.safeParse(item).data ?? [])
      .find(({ user, body }) => user?.id === self.id && body?.trimEnd().endsWith(mark));
    if (found) return { messageIds: [messageIdOf(found.created_at, reviewCommentId ? 'd' : 'c', found.id)] };
  }
  return null;
}
