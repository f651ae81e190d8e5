import { z } from 'zod';
import type { Answer, Call } from '../platform-server.js';
import { type FakeComment, type FakeIssue, shownComment, shownIssue, type World } from './world.js';

const LONGEST_BODY = 65_536;
const REACTIONS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'];
const bodySchema = z.object({ body: z.string().min(1).max(LONGEST_BODY) });
const reactionSchema = z.object({ content: z.string().refine((name) => REACTIONS.includes(name)) });

const notFound: Answer = { status: 404, body: { message: 'Not Found' } };
const invalid: Answer = { status: 422, body: { message: 'Validation Failed' } };

type Route = [method: string, path: RegExp, run: (match: RegExpExecArray, call: Call) => Answer];

/** The paths of GitHub's REST API that the channel needs. `onComment`: the bot has written it. */
export function createMethods(
  world: World,
  origin: () => string,
  onComment: (comment: FakeComment) => void,
): (call: Call) => Answer {
  const repositoryOf = (owner = '', name = '') =>
    world.repositories.find((one) => one.toLowerCase() === `${owner}/${name}`.toLowerCase());

  /** One page, with the link to the next one. */
  function page(call: Call, all: readonly object[]): Answer {
    const size = Number(call.query.get('per_page') ?? 30);
    const at = Number(call.query.get('page') ?? 1);
    const body = all.slice((at - 1) * size, at * size);
    const next = new URL(call.path, origin());
    next.search = new URLSearchParams({ ...Object.fromEntries(call.query), page: String(at + 1) }).toString();
    return { status: 200, body, headers: at * size < all.length ? { link: `<${next}>; rel="next"` } : {} };
  }

  const since = (call: Call) => (one: { created_at: string; updated_at?: string }) =>
    (one.updated_at ?? one.created_at) >= (call.query.get('since') ?? '');
  const inline = (comment: FakeComment) => comment.in_reply_to_id !== undefined;
  const listed = (call: Call, which: (comment: FakeComment) => boolean) =>
    page(call, world.comments.filter(since(call)).filter(which).map(shownComment));

  function say(issue: FakeIssue | undefined, call: Call, root?: number): Answer {
    const said = bodySchema.safeParse(call.fields).data;
    if (!issue) return notFound;
    if (!said) return invalid;
    const comment = world.write(issue, said.body, world.bot, root);
    onComment(comment);
    return { status: 201, body: shownComment(comment) };
  }

  function change(id: string | undefined, call: Call): Answer {
    const comment = world.comments.find((one) => one.id === Number(id));
    const said = bodySchema.safeParse(call.fields).data;
    if (comment?.user !== world.bot) return notFound;
    if (!said) return invalid;
    comment.body = said.body;
    return { status: 200, body: shownComment(comment) };
  }

  function react(target: { reacted: string[] } | undefined, call: Call): Answer {
    const reaction = reactionSchema.safeParse(call.fields).data;
    if (!target) return notFound;
    if (!reaction) return invalid;
    if (!target.reacted.includes(reaction.content)) target.reacted.push(reaction.content);
    return { status: 201, body: { id: 1, content: reaction.content } };
  }

  const routes: Route[] = [
    ['GET', /^$/, ([, owner, name]) => found(repositoryOf(owner, name))],
    [
      'GET',
      /^issues$/,
      ([, owner, name], call) => page(call, issuesOf(owner, name).filter(since(call)).map(shownIssue)),
    ],
    [
      'GET',
      /^issues\/comments$/,
      ([, owner, name], call) => listed(call, (one) => !inline(one) && isIn(one, owner, name)),
    ],
    [
      'GET',
      /^pulls\/comments$/,
      ([, owner, name], call) => listed(call, (one) => inline(one) && isIn(one, owner, name)),
    ],
    [
      'GET',
      /^issues\/(\d+)\/comments$/,
      ([, owner, name, n], call) =>
        listed(call, (one) => !inline(one) && one.issue === issueOf(owner, name, n)),
    ],
    [
      'GET',
      /^pulls\/(\d+)\/comments$/,
      ([, owner, name, n], call) =>
        listed(call, (one) => inline(one) && one.issue === issueOf(owner, name, n)),
    ],
    ['GET', /^issues\/(\d+)$/, ([, owner, name, n]) => shown(issueOf(owner, name, n), shownIssue)],
    [
      'GET',
      /^pulls\/comments\/(\d+)$/,
      ([, , , id]) =>
        shown(
          world.comments.find((one) => one.id === Number(id)),
          shownComment,
        ),
    ],
    ['POST', /^issues\/(\d+)\/comments$/, ([, owner, name, n], call) => say(issueOf(owner, name, n), call)],
    [
      'POST',
      /^pulls\/(\d+)\/comments\/(\d+)\/replies$/,
      ([, owner, name, n, root], call) => say(issueOf(owner, name, n), call, Number(root)),
    ],
    ['PATCH', /^(?:issues|pulls)\/comments\/(\d+)$/, ([, , , id], call) => change(id, call)],
    [
      'POST',
      /^(?:issues|pulls)\/comments\/(\d+)\/reactions$/,
      ([, , , id], call) =>
        react(
          world.comments.find((one) => one.id === Number(id)),
          call,
        ),
    ],
    [
      'POST',
      /^issues\/(\d+)\/reactions$/,
      ([, owner, name, n], call) => react(issueOf(owner, name, n) && { reacted: [] }, call),
    ],
  ];
  const shown = <T>(one: T | undefined, show: (one: T) => object): Answer =>
    one === undefined ? notFound : { status: 200, body: show(one) };
  const issueOf = (owner = '', name = '', number = '') => world.issue(`${owner}/${name}`, Number(number));
  const issuesOf = (owner = '', name = '') =>
    world.issues.filter((one) => one.repository === repositoryOf(owner, name));
  const isIn = (comment: FakeComment, owner = '', name = '') =>
    comment.issue.repository === repositoryOf(owner, name);
  const found = (full_name: string | undefined): Answer =>
    full_name ? { status: 200, body: { full_name } } : notFound;

  return (call) => {
    if (call.path === '/user') return { status: 200, body: world.bot };
    const [, owner = '', name = '', rest = ''] = /^\/repos\/([^/]+)\/([^/]+)\/?(.*)$/.exec(call.path) ?? [];
    if (!repositoryOf(owner, name)) return notFound;
    for (const [method, pattern, run] of routes) {
      const match = method === call.method ? pattern.exec(rest) : null;
      // The repository's owner and name stand before what the pattern has found.
      if (match) return run(Object.assign(match, [match[0], owner, name, ...match.slice(1)]), call);
    }
    return notFound;
  };
}
