import type { z } from 'zod';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { Subject } from '../adapter.js';
import { mentions } from '../chat-sdk/mentions.js';
import type { MessageDetails } from '../chat-sdk/platform.js';
import type { BridgedGitHubAdapter } from './adapter.js';
import { messageIdOf } from './ids.js';
import { issueSchema, type Owner, reviewCommentSchema, type Said, type Self } from './packets.js';

/** A hunk ends at the line that the comment stands at: of a long one its end is kept. */
const LONGEST_HUNK = 4000;
const LONGEST_BODY = 100_000;
const MOST_KEPT = 300;
/** Who answers GitHub's mail by Outlook sends the mail along, without a mark in each line. */
const MAIL_BELOW = /^(?:\*{0,2}From:[^\n]{1,300}\n\*{0,2}(?:Sent|Date):|-{3,} ?Original Message ?-{3,})/m;

type First = Pick<z.infer<typeof reviewCommentSchema>, 'id' | 'body' | 'user' | 'created_at'>;

export interface AboutDeps {
  adapter: BridgedGitHubAdapter;
  self: Self;
  log: Log;
}

/** What comments are about: issues and pull requests with their bodies, lines of diffs, and what a thread began with. */
export function createAbout({ adapter, self, log }: AboutDeps) {
  const owners = createKept<Owner>();
  const firsts = createKept<First>();
  const { rest } = adapter.octokit;

  async function owner(said: Said): Promise<Owner> {
    const { repository, number } = said;
    const key = `${repository}#${number}`.toLowerCase();
    if (said.owner?.title != null) {
      if (said.owner.body !== undefined) owners.put(key, said.owner);
      return said.owner;
    }
    return owners.get(key, async () => {
      const { data } = await rest.issues.get({ ...placeOf(repository), issue_number: number });
      return issueSchema.parse(data);
    });
  }

  function first(said: Said): Promise<First> | null {
    const { repository, root } = said;
    if (root === null || root === said.id) {
      const { id, text: body, user, createdAt: created_at } = said;
      if (root !== null) firsts.put(`${repository}:${id}`.toLowerCase(), { id, body, user, created_at });
      return null;
    }
    return firsts.get(`${repository}:${root}`.toLowerCase(), async () => {
      const { data } = await rest.pulls.getReviewComment({ ...placeOf(repository), comment_id: root });
      return reviewCommentSchema.parse(data);
    });
  }

  /** What cannot be asked keeps nothing back: the comment is heard without it. */
  async function asked<T>(work: Promise<T> | null, said: Said): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      log.debug({ message: said.id, reason: reasonOf(error) }, 'what a comment is about was not fetched');
      return null;
    }
  }

  return {
    async detailsOf(said: Said): Promise<MessageDetails> {
      const chatName = said.repository;
      const placeholder = said.kind === 'i' ? '[an issue without words]' : '[a comment without words]';
      const own = ownWords(said.text);
      const written = own.text.split(MAIL_BELOW, 1)[0] ?? '';
      const mentioned = mentions(written, self.name) || mentions(written, self.login);
      const words = { chatName, placeholder, text: own.text, mentioned };
      if (said.kind === 'i') return { ...words, text: said.text };
      const [about, began] = await Promise.all([asked(owner(said), said), asked(first(said), said)]);
      const answered = began && {
        ...{ text: (began.body ?? '').slice(0, LONGEST_BODY), from: loginOf(began.user) },
        ...{ messageId: messageIdOf(began.created_at, 'd', began.id), partial: false },
      };
      const marked =
        own.quoted === null ? null : { text: own.quoted, from: '', messageId: null, partial: true };
      const quoted = marked ?? answered;
      return {
        ...words,
        replyTo: answered?.messageId ?? null,
        subject: subjectOf(said, about),
        ...(quoted ? { quoted } : {}),
        async root() {
          // Asked again: at first it may not have been to be had.
          const { title, body, user } =
            about?.body === undefined ? await owner({ ...said, owner: undefined }) : about;
          const text = (body || title || '').slice(0, LONGEST_BODY);
          return text === '' ? null : { text, from: loginOf(user), messageId: null, files: [] };
        },
      };
    },
  };
}

function subjectOf(said: Said, about: Owner | null): Subject {
  const title = about?.title ?? null;
  const page = about?.html_url ?? said.url?.replace(/#.*$/s, '') ?? null;
  const { at } = said;
  if (said.kind !== 'd' || !at) {
    const kind = said.isPull ? 'pull-request' : 'issue';
    return { kind, title, url: page, path: null, line: null, text: null };
  }
  const { path, line, hunk } = at;
  return { kind: 'diff', title, url: said.url ?? page, path, line, text: hunk === null ? null : endOf(hunk) };
}

/** Whole lines, and the one that says where in the file they are. */
function endOf(hunk: string): string {
  if (hunk.length <= LONGEST_HUNK) return hunk;
  const [where = ''] = hunk.slice(0, 300).split('\n', 1);
  const kept = hunk.slice(-LONGEST_HUNK);
  return `${where}\n…\n${kept.slice(kept.indexOf('\n') + 1)}`;
}

/** "Quote reply" puts the marked words above the answer, each line behind `>`. */
function ownWords(text: string): { text: string; quoted: string | null } {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const begins = lines.findIndex((line) => line.trim() !== '');
  let ends = Math.max(begins, 0);
  while (/^ {0,3}>/.test(lines[ends] ?? '')) ends += 1;
  const said = lines.slice(ends).join('\n').trim();
  if (begins < 0 || ends === begins || said === '') return { text, quoted: null };
  const quoted = lines.slice(begins, ends).map((line) => line.replace(/^ {0,3}> ?/, ''));
  return { text: said, quoted: quoted.join('\n').trim() };
}

const loginOf = (user: Said['user']) => user?.login ?? 'ghost';

function placeOf(repository: string) {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
}

/** The last few of what was told or asked; what failed is asked again. */
function createKept<T>() {
  const kept = new Map<string, Promise<T>>();
  function keep(key: string, value: Promise<T>): Promise<T> {
    kept.delete(key);
    kept.set(key, value);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return value;
  }
  return {
    put: (key: string, value: T) => void keep(key, Promise.resolve(value)),
    get(key: string, ask: () => Promise<T>): Promise<T> {
      const known = kept.get(key);
      if (known) return known;
      const asking = keep(key, ask());
      asking.catch(() => kept.get(key) === asking && kept.delete(key));
      return asking;
    },
  };
}
