import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { MessageDetails } from '../chat-sdk/platform.js';
import type { LinearApi } from './api.js';
import { issueIdOf, type Said } from './packets.js';

/** Linear waits five seconds for the answer to its call. */
const LONGEST_MS = 3000;
const MOST_KEPT = 300;
const LONGEST = 100_000;

const person = z.object({ name: z.string() }).nullish().catch(null);
const COMMENT =
  'query Parent($id: String!) { comment(id: $id) { body user { name } externalUser { name } botActor { name } } }';
const commentSchema = z.object({
  comment: z.object({
    body: z.string().nullish(),
    user: person,
    externalUser: person,
    botActor: z.object({ name: z.string().nullish() }).nullish().catch(null),
  }),
});
const ISSUE = 'query Root($id: String!) { issue(id: $id) { title description creator { name } } }';
const issueSchema = z.object({
  issue: z.object({ title: z.string(), description: z.string().nullish(), creator: person }),
});

/** The address of a person's page, bare: so Linear writes who is mentioned. */
const PROFILE =
  /(?<!\]\()\bhttps:\/\/linear\.app\/[\w-]{1,100}\/profiles\/([\w-]{1,100}(?:\.[\w-]{1,100}){0,5})/g;

/** What comments are about: their issues, and the comments that they stand under. */
export function createAbout(deps: { api: LinearApi; clock: Clock; log: Log; signal: AbortSignal }) {
  const { api, clock, log, signal } = deps;
  const parents = new Map<string, Promise<{ body: string; name: string }>>();

  function parentOf(id: string): Promise<{ body: string; name: string }> {
    const known = parents.get(id);
    if (known) return known;
    const call = within(clock, LONGEST_MS, signal, (until) =>
      api.call(COMMENT, { id }, commentSchema, until),
    );
    const asking = call.then(({ comment }) => ({
      body: comment.body ?? '',
      name: comment.user?.name ?? comment.externalUser?.name ?? comment.botActor?.name ?? 'Linear',
    }));
    parents.set(id, asking);
    asking.catch(() => parents.delete(id));
    const [oldest] = parents.keys();
    if (parents.size > MOST_KEPT && oldest !== undefined) parents.delete(oldest);
    return asking;
  }

  async function quotedIn({ parent, marked }: Said): Promise<MessageDetails['quoted'] | null> {
    if (marked) return { text: marked, from: '', messageId: null, partial: true };
    if (!parent) return null;
    const { id, body, name } = parent;
    const quote = (text: string, from: string) => ({
      ...{ text: text.slice(0, LONGEST), from, messageId: id, partial: false },
    });
    if (body != null && name != null) return quote(body, name);
    try {
      const asked = await parentOf(id);
      return quote(body ?? asked.body, name ?? asked.name);
    } catch (error) {
      // What cannot be asked keeps nothing back.
      log.debug({ message: id, reason: reasonOf(error) }, 'a comment that is answered was not fetched');
      return body == null ? null : quote(body, name ?? '');
    }
  }

  async function rootOf({
    identifier,
  }: Said): Promise<Awaited<ReturnType<NonNullable<MessageDetails['root']>>>> {
    const { issue } = await api.call(ISSUE, { id: identifier }, issueSchema, signal);
    const text = (issue.description || issue.title).slice(0, LONGEST);
    return { text, from: issue.creator?.name ?? 'Linear', messageId: null };
  }

  return async (said: Said): Promise<MessageDetails> => {
    const text = said.text.replace(PROFILE, '@$1');
    const chatName = said.teamName;
    if (issueIdOf(said.id) !== null)
      return { chatName, text, replyTo: null, placeholder: '[an issue without words]' };
    const quoted = await quotedIn(said);
    const subject = { title: said.title ?? null, url: said.url ?? null, path: null, line: null, text: null };
    return {
      ...{ chatName, text, replyTo: said.parent?.id ?? null, placeholder: '[a comment without words]' },
      subject: { kind: 'issue', ...subject },
      ...(quoted ? { quoted } : {}),
      root: () => rootOf(said),
    };
  };
}
