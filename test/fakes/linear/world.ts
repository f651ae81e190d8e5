import { randomUUID } from 'node:crypto';

export interface FakePerson {
  id: string;
  name: string;
  displayName: string;
  /** The account of an application: the API tells, events do not. */
  app: boolean;
}

export interface FakeTeam {
  key: string;
  name: string;
}

export interface FakeIssue {
  id: string;
  identifier: string;
  title: string;
  description: string | null;
  createdAt: string;
  creator: FakePerson | null;
  team: FakeTeam;
}

export interface FakeComment {
  id: string;
  body: string;
  createdAt: string;
  /** Null: an integration has written it. */
  user: FakePerson | null;
  /** The integration; events have it as JSON in a string now and then. */
  botActor?: unknown;
  /** Somebody of another service that the issue is kept in step with. */
  externalUser?: FakePerson;
  issue: FakeIssue;
  quotedText?: string;
  editedAt?: string;
  parent: FakeComment | null;
  reacted: string[];
}

export interface World {
  readonly bot: FakePerson;
  readonly ada: FakePerson;
  readonly bob: FakePerson;
  /** Another application, which is a user of the workspace as well. */
  readonly rover: FakePerson;
  readonly teams: readonly FakeTeam[];
  readonly issues: FakeIssue[];
  readonly comments: FakeComment[];
  /** Bytes by the id of the file; null: they have not come yet. */
  readonly files: Map<string, Buffer | null>;
  open(
    team: FakeTeam,
    title: string,
    options?: Partial<Pick<FakeIssue, 'description' | 'createdAt'>>,
  ): FakeIssue;
  write(comment: Pick<FakeComment, 'body' | 'user' | 'issue'> & Partial<FakeComment>): FakeComment;
}

/** Two teams, a person and the bot. `now` in epoch milliseconds. */
export function createWorld(now: () => number): World {
  let count = 0;
  const person = (name: string, displayName: string, app = false) => ({
    ...{ id: randomUUID(), name, displayName, app },
  });
  /** Linear counts in milliseconds: no two at the same time here. */
  const moment = () => {
    count += 1;
    return new Date(now() + count).toISOString();
  };
  const issues: FakeIssue[] = [];
  const comments: FakeComment[] = [];
  const bot = person('Wharfie', 'wharfie');
  const ada = person('Ada Lovelace', 'ada');
  const bob = person('Bob Babbage', 'bob');
  const rover = person('Rover', 'rover', true);
  return {
    bot,
    ada,
    bob,
    rover,
    teams: [
      { key: 'ENG', name: 'Engineering' },
      { key: 'OPS', name: 'Operations' },
    ],
    issues,
    comments,
    files: new Map(),
    open(team, title, options = {}) {
      const number = issues.filter((one) => one.team === team).length + 1;
      const issue = {
        ...{ id: randomUUID(), identifier: `${team.key}-${number}`, title, description: null },
        ...{ createdAt: moment(), creator: ada, team, ...options },
      };
      issues.push(issue);
      return issue;
    },
    write(comment) {
      const written = { id: randomUUID(), createdAt: moment(), parent: null, reacted: [], ...comment };
      comments.push(written);
      return written;
    },
  };
}
