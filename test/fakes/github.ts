import { createHmac } from 'node:crypto';
import { type Clock, systemClock } from '../../src/clock.js';
import { createMethods } from './github/methods.js';
import {
  createWorld,
  type FakeComment,
  type FakeIssue,
  type FakeUser,
  shownComment,
  shownIssue,
  type World,
} from './github/world.js';
import { createPlatformServer, type PlatformServer } from './platform-server.js';
import { createWebhookSender, type Posting, type WebhookSender } from './webhook-sender.js';

export type { FakeComment, FakeIssue, FakeUser } from './github/world.js';

/** A GitHub on loopback: its REST API and its webhooks, with a log of what arrived. */
export interface FakeGitHub {
  readonly world: World;
  readonly http: PlatformServer;
  readonly sender: WebhookSender;
  readonly secret: string;
  /** The only valid one; change it and the old one is revoked. */
  token: string;
  scopes: string | null;
  /** A signed event, not sent. */
  posting(event: string, payload: object): Posting;
  /** Signs and sends it; as GitHub does, once. */
  dispatch(event: string, payload: object): void;
  commentEvent(comment: FakeComment): [event: string, payload: object];
  say(issue: FakeIssue, body: string, options?: SayOptions): FakeComment;
  open(repository: string, title: string, body: string, options?: { isPull?: boolean }): FakeIssue;
  close(): Promise<void>;
}

export interface SayOptions {
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
  from?: FakeUser;
  /** On a line of a pull request: null begins a thread there. */
  root?: number | null;
  /** GitHub's event is lost: it is in the history only. */
  unheard?: boolean;
}

/** Without `webhookUrl` nobody is called. */
export async function createFakeGitHub(
  clock: Clock = systemClock,
  webhookUrl: () => string = () => '',
): Promise<FakeGitHub> {
  const world = createWorld(clock.now);
  const secret = 'a-secret-of-the-webhook-0123456789';
  let token = 'github_pat_00000000000000000000_fake_for_tests';
  let scopes: string | null = null;
  const sender = createWebhookSender({ url: webhookUrl, retries: [], clock });
  const methods = createMethods(
    world,
    () => http.origin(),
    (comment) => dispatch(...commentEvent(comment)),
  );
  const http: PlatformServer = await createPlatformServer({
    nameOf: (call) => `${call.method} ${call.path}`,
    answer(call) {
      if (call.authorization !== `token ${token}`)
        return { status: 401, body: { message: 'Bad credentials' } };
      const { headers = {}, ...answer } = methods(call);
      return { ...answer, headers: { ...headers, ...(scopes === null ? {} : { 'x-oauth-scopes': scopes }) } };
    },
  });

  const repositoryOf = (issue: FakeIssue) => {
    const [login = '', name = ''] = issue.repository.split('/');
    return { id: 1, name, full_name: issue.repository, owner: { id: 1, login, type: 'User' } };
  };

  function commentEvent(comment: FakeComment): [string, object] {
    const { issue, user: sender } = comment;
    const shown = { comment: shownComment(comment), repository: repositoryOf(issue), sender };
    return comment.in_reply_to_id === undefined
      ? ['issue_comment', { action: 'created', issue: shownIssue(issue), ...shown }]
      : ['pull_request_review_comment', { action: 'created', pull_request: shownIssue(issue), ...shown }];
  }

  function posting(event: string, payload: object): Posting {
    const body = JSON.stringify(payload);
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/000000',
        'x-github-event': event,
        'x-github-delivery': '00000000-0000-0000-0000-000000000000',
        'x-hub-signature-256': `sha256=${signature}`,
      },
    };
  }

  function dispatch(event: string, payload: object): void {
    const repository = /"full_name":"([^"]+)"/.exec(JSON.stringify(payload))?.[1] ?? '';
    if (webhookUrl() !== '') sender.send(repository, () => posting(event, payload));
  }

  return {
    world,
    http,
    sender,
    secret,
    get token() {
      return token;
    },
    set token(value) {
      token = value;
    },
    get scopes() {
      return scopes;
    },
    set scopes(value) {
      scopes = value;
    },
    posting,
    dispatch,
    commentEvent,
    say(issue, body, { from = world.ada, root, unheard, garbled } = {}) {
      const comment = world.write(issue, body, from, root);
      if (garbled) Object.assign(comment, { body: 5 });
      if (!unheard) dispatch(...commentEvent(comment));
      return comment;
    },
    open(repository, title, body, { isPull = false } = {}) {
      const issue = world.open(repository, title, { body, isPull });
      const shown = isPull ? { pull_request: shownIssue(issue) } : { issue: shownIssue(issue) };
      const event = isPull ? 'pull_request' : 'issues';
      dispatch(event, { action: 'opened', ...shown, repository: repositoryOf(issue), sender: issue.user });
      return issue;
    },
    async close() {
      await sender.close();
      await http.close();
    },
  };
}
