import { z } from 'zod';
import { shortHash } from '../../ids.js';
import { type Said, saidIn, saidSchema } from './packets.js';

/** What an event of the webhook tells (docs.github.com/en/webhooks/webhook-events-and-payloads). */
export type Happened =
  | { kind: 'said'; said: Said }
  | { kind: 'edited'; said: Said; by: { id: number; login: string } | null; version: string }
  | { kind: 'deleted'; said: Said; by: { id: number; login: string } | null }
  | { kind: 'moved'; from: string; to: string };

const NEW = new Set([
  'issues.opened',
  'pull_request.opened',
  'issue_comment.created',
  'pull_request_review_comment.created',
  'pull_request_review.submitted',
]);
const WRITTEN = /^(?:issues|pull_request|issue_comment|pull_request_review_comment|pull_request_review)$/;

const actionSchema = z.object({ action: z.string() });
const told = z.object({ from: z.string().nullish() }).optional().catch(undefined);
const changesSchema = z.object({ changes: z.object({ body: told, title: told }) });
const senderSchema = z.object({ sender: z.object({ id: z.number(), login: z.string() }) });
const login = z.object({ login: z.string() }).nullish();
const repositorySchema = z.object({
  repository: z.object({ name: z.string(), owner: z.object({ login: z.string() }) }),
});
const renamedSchema = repositorySchema.extend({
  changes: z.object({ repository: z.object({ name: z.object({ from: z.string() }) }) }),
});
const transferredSchema = repositorySchema.extend({
  changes: z.object({ owner: z.object({ from: z.object({ user: login, organization: login }) }) }),
});

/** Does this event bring something that nobody has said before? */
export const isNew = (event: string | null, payload: unknown): boolean =>
  NEW.has(`${event}.${actionSchema.safeParse(payload).data?.action}`);

/** Null: nothing that anybody is to hear, such as a label, a review without words, or a new state. */
export function happenedIn(event: string | null, payload: unknown): Happened | null {
  const { action } = actionSchema.safeParse(payload).data ?? {};
  if (event === 'repository') return movedIn(action, payload);
  if (event === null || !WRITTEN.test(event)) return null;
  if (isNew(event, payload)) {
    const said = saidIn(event, payload);
    return said && { kind: 'said', said };
  }
  if (action === 'deleted') {
    const said = saidIn(event, payload);
    return said && { kind: 'deleted', said, by: senderSchema.safeParse(payload).data?.sender ?? null };
  }
  if (action !== 'edited') return null;
  // Only these two are words: others tell of a base branch or of nothing that is shown.
  const { body, title } = changesSchema.safeParse(payload).data?.changes ?? {};
  const isIssue = event === 'issues' || event === 'pull_request';
  if (!body && !(isIssue && title)) return null;
  const said = saidIn(event, payload);
  const by = senderSchema.safeParse(payload).data?.sender ?? null;
  return said && { kind: 'edited', said, by, version: said.updatedAt ?? shortHash(said.text, 20) };
}

/** An event of the webhook that could not be read. */
const calledSchema = z.object({ event: z.string(), payload: z.unknown() });

/** What was kept of something that could not be taken in; null: it says nothing. */
export function saidBy(kept: unknown): Said | null {
  const called = calledSchema.safeParse(kept).data;
  if (called) {
    const happened = happenedIn(called.event, called.payload);
    return happened?.kind === 'said' ? happened.said : null;
  }
  const said = saidSchema.parse(kept);
  return { ...said, user: said.user };
}

/** A repository is known by its name, which its owner can change. */
function movedIn(action: string | undefined, payload: unknown): Happened | null {
  if (action === 'renamed') {
    const { repository, changes } = renamedSchema.parse(payload);
    const owner = repository.owner.login;
    return {
      kind: 'moved',
      from: `${owner}/${changes.repository.name.from}`,
      to: `${owner}/${repository.name}`,
    };
  }
  if (action === 'created') {
    // The name may be one that another repository has left.
    const { name, owner } = repositorySchema.parse(payload).repository;
    const id = `${owner.login}/${name}`;
    return { kind: 'moved', from: id, to: id };
  }
  if (action !== 'transferred') return null;
  const { repository, changes } = transferredSchema.parse(payload);
  const { user, organization } = changes.owner.from;
  const before = user?.login ?? organization?.login;
  if (before === undefined) return null;
  return {
    ...{ kind: 'moved', from: `${before}/${repository.name}` },
    to: `${repository.owner.login}/${repository.name}`,
  };
}
