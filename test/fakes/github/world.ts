export interface FakeUser {
  id: number;
  login: string;
  type: 'User' | 'Bot';
}

export interface FakeIssue {
  number: number;
  title: string;
  body: string | null;
  user: FakeUser;
  created_at: string;
  isPull: boolean;
  repository: string;
}

export interface FakeComment {
  id: number;
  body: string;
  user: FakeUser | null;
  created_at: string;
  /** Set where it was changed later. */
  updated_at?: string;
  issue: FakeIssue;
  /** On a line of a pull request: the first one of its thread, or null for that one itself. Undefined: no such comment. */
  in_reply_to_id?: number | null;
  reacted: string[];
}

export interface World {
  readonly bot: FakeUser;
  readonly ada: FakeUser;
  readonly bob: FakeUser;
  readonly robot: FakeUser;
  /** `owner/name` as their owner writes them. */
  readonly repositories: readonly string[];
  readonly issues: FakeIssue[];
  readonly comments: FakeComment[];
  open(
    repository: string,
    title: string,
    options?: Partial<Pick<FakeIssue, 'body' | 'user' | 'isPull' | 'created_at'>>,
  ): FakeIssue;
  write(issue: FakeIssue, body: string, user: FakeUser | null, in_reply_to_id?: number | null): FakeComment;
  issue(repository: string, number: number): FakeIssue | undefined;
}

/** Two repositories of one person, an app that is another bot, and the bot's account. `now` in epoch milliseconds. */
export function createWorld(now: () => number): World {
  let count = 1000;
  const user = (login: string, type: FakeUser['type'] = 'User') => {
    count += 1;
    return { id: count, login, type };
  };
  const bot = user('wharfie-bot');
  const ada = user('Ada');
  const robot = user('robot[bot]', 'Bot');
  const bob = user('bob');
  const issues: FakeIssue[] = [];
  const comments: FakeComment[] = [];
  const second = () => `${new Date(now()).toISOString().slice(0, 19)}Z`;
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  return {
    bot,
    ada,
    bob,
    robot,
    repositories: ['Ada/Boats', 'Ada/notes'],
    issues,
    comments,
    open(repository, title, options = {}) {
      const number = issues.filter((one) => one.repository === repository).length + 1;
      const issue = {
        ...{ number, title, body: null, user: ada, isPull: false, repository, created_at: second() },
        ...options,
      };
      issues.push(issue);
      return issue;
    },
    write(issue, body, author, in_reply_to_id) {
      count += 1;
      const comment: FakeComment = {
        ...{ id: count, body, user: author, created_at: second(), issue, reacted: [] },
        ...(in_reply_to_id === undefined ? {} : { in_reply_to_id }),
      };
      comments.push(comment);
      return comment;
    },
    issue: (repository, number) =>
      issues.find((one) => same(one.repository, repository) && one.number === number),
  };
}

const pathOf = (issue: FakeIssue) =>
  `${issue.repository}/${issue.isPull ? 'pull' : 'issues'}/${issue.number}`;

/** docs.github.com/en/rest/pulls/comments */
const IN_DIFF = {
  ...{ path: 'src/hull.ts', line: 25, original_line: 25, side: 'RIGHT', commit_id: 'abc' },
  diff_hunk: '@@ -20,6 +20,9 @@\n function hull() {\n+    const planks = 3;',
};

/** An issue, a pull request or a comment as GitHub's REST API and its events tell them. */
export function shownIssue(issue: FakeIssue): object {
  const { number, title, body, user, created_at } = issue;
  const html_url = `https://github.com/${pathOf(issue)}`;
  return { number, title, body, user, created_at, html_url, ...(issue.isPull ? { pull_request: {} } : {}) };
}

export function shownComment(comment: FakeComment): object {
  const { id, body, user, created_at, updated_at = created_at, issue, in_reply_to_id } = comment;
  const inline = in_reply_to_id !== undefined;
  const html_url = `https://github.com/${pathOf(issue)}#${inline ? 'discussion_r' : 'issuecomment-'}${id}`;
  const root = in_reply_to_id ? { in_reply_to_id } : {};
  return { id, body, user, created_at, updated_at, html_url, ...root, ...(inline ? IN_DIFF : {}) };
}
