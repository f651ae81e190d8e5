import type { Address } from '../../src/address.js';
import { messageIdOf } from '../../src/channels/github/ids.js';
import { github } from '../../src/channels/github.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { createFakeGitHub, type FakeComment, type FakeGitHub, type FakeIssue } from '../fakes/github.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { callsOf, type FaultName, type Heard, NO_ANSWER } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { Words } from './contract/words.js';
import type { ChannelFixture } from './contract.js';

const SENDING = /^POST \/repos\/[^/]+\/[^/]+\/issues\/\d+\/comments$/;
const answer = (status: number, message: string, headers: Record<string, string> = {}): Fault => ({
  ...{ kind: 'answer', status, body: { message }, headers },
});

const FAULTS: Record<Exclude<FaultName, 'markup-refused'>, Fault> = {
  'rate-limited': answer(403, 'You have exceeded a secondary rate limit.', { 'retry-after': '7' }),
  outage: answer(503, 'Service Unavailable'),
  refused: answer(403, 'Unable to create comment because issue is locked.'),
  ...NO_ANSWER,
};
const EMOJI: Readonly<Record<string, string>> = { '+1': '👍', eyes: '👀' };

/** What stands in a comment as people see it: GitHub shows no HTML comments. */
const seen = (body: string) => body.replace(/\s*<!--.*?-->\s*$/s, '');

export interface GitHubStage extends WebhookStage, Adapters {
  fake: FakeGitHub;
  /** The issue or pull request of an address. */
  issueOf(to: Address): FakeIssue;
}

export const idOf = (comment: FakeComment) =>
  messageIdOf(comment.created_at, comment.in_reply_to_id === undefined ? 'c' : 'd', comment.id);

const notHere = (what: string) => () => {
  throw new Error(`GitHub has no ${what}: name the case in \`cannot\``);
};

/** GitHub's adapter with the real packages beneath it, against the fake. */
export async function openGitHub(): Promise<GitHubStage> {
  const clock = createFakeClock();
  const webhooks = openWebhooks();
  const fake = await createFakeGitHub(clock, () => webhooks.url('github'));
  const { world, token } = fake;
  const adapters = createAdapters(github, {
    clock,
    webhooks,
    env: () => ({
      GITHUB_TOKEN: token,
      GITHUB_WEBHOOK_SECRET: fake.secret,
      GITHUB_API_URL: fake.http.origin(),
    }),
  });
  const at = ({ repository, number, isPull }: FakeIssue): Address => ({
    channelType: 'github',
    platformId: `github:${repository.toLowerCase()}`,
    threadId: isPull ? String(number) : `issue:${number}`,
  });
  const issueOf = ({ platformId, threadId }: Address): FakeIssue => {
    const number = Number(/^(?:issue:)?(\d+)/.exec(threadId)?.[1]);
    const found = world.issue(platformId.slice('github:'.length), number);
    if (!found) throw new Error(`no issue ${threadId}`);
    return found;
  };
  // Long before anything is said in them.
  const created_at = '2026-01-01T00:00:00Z';
  const [boats = '', notes = ''] = world.repositories;
  const heardAt = (issue: FakeIssue) =>
    world.comments.filter((one) => one.user === world.bot && one.issue === issue);
  return {
    ...adapters,
    fake,
    issueOf,
    webhooks,
    posting: (to, text) => fake.posting(...fake.commentEvent(fake.say(issueOf(to), text, { unheard: true }))),
    longestSaid: 65_536,
    group: at(world.open(boats, 'A leak', { created_at })),
    direct: at(world.open(notes, 'To do', { created_at })),
    thread: () => at(world.open(boats, 'A patch', { created_at, isPull: true })),
    say(to, text, { mention, fromBot, unheard = false, garbled = false } = {}) {
      const body = mention ? `@${world.bot.login} ${text}` : text;
      const from = fromBot ? { from: world.robot } : {};
      return idOf(fake.say(issueOf(to), body, { ...from, unheard, garbled }));
    },
    calls: () => callsOf(fake.http),
    heard: (to) => heardAt(issueOf(to)).map(heardOf),
    react: notHere('events of reactions'),
    click: notHere('buttons'),
    fault(name) {
      if (name === 'markup-refused') throw new Error('GitHub refuses no markup');
      fake.http.faults.next(SENDING, FAULTS[name]);
    },
    typing: () => 0,
    words: wordsOf(fake, notes),
    breakConnection: notHere('connection of ours'),
    revokeToken: () => {
      fake.token = 'another';
    },
    restoreToken: () => {
      fake.token = token;
    },
    goDown: () => fake.http.goDown(),
    comeUp: () => fake.http.comeUp(),
    async close() {
      await fake.close();
      adapters.removeState();
    },
  };
}

function heardOf(comment: FakeComment): Heard {
  return {
    id: idOf(comment),
    text: seen(comment.body),
    files: [],
    replyTo: null,
    reactions: comment.reacted.map((name) => EMOJI[name] ?? name),
    buttons: [],
  };
}

/** What people do, as docs.github.com/en/webhooks/webhook-events-and-payloads has it. */
function wordsOf(fake: FakeGitHub, repository: string): Words {
  const { world } = fake;
  const issue = () => world.open(repository, 'A leak below', { user: world.bob });
  const pull = () => world.open(repository, 'Less paint', { body: 'It was too much.', isPull: true });
  const call = `@${world.bot.login} `;
  const event = (comment: FakeComment, action: string, more: object = {}) => {
    const [name, payload] = fake.commentEvent(comment);
    fake.dispatch(name, { ...payload, action, ...more });
  };
  return {
    // #pull_request_review_comment: `in_reply_to_id`
    answers(asked, quoted) {
      const about = pull();
      const first = fake.say(about, quoted, { from: world.bob, root: null, unheard: true });
      fake.say(about, call + asked, { root: first.id });
    },
    // docs.github.com/en/get-started/writing-on-github: "Quote reply"
    answersPart: (asked, part) => void fake.say(issue(), `> ${part}\n\n${call}${asked}`),
    asksInThread(asked, root) {
      const about = issue();
      about.body = root;
      fake.say(about, call + asked);
    },
    // docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests: issue forms
    form: (answer) => void fake.open(repository, 'A form', `### When?\n\n${answer}\n`),
    service() {
      const shown = fake.commentEvent(world.write(issue(), 'x', world.ada))[1];
      const events = [
        ...['labeled', 'closed', 'pinned', 'assigned', 'locked'].map((action) => ['issues', action] as const),
        ...['synchronize', 'review_requested'].map((action) => ['pull_request', action] as const),
        ...[['member', 'added'] as const, ['star', 'created'] as const, ['new_kind', 'done'] as const],
      ];
      for (const [name, action] of events) fake.dispatch(name, { ...shown, action });
      return events.length;
    },
    // #issue_comment: `edited` with `changes.body.from`
    edits(before, after) {
      const comment = fake.say(issue(), before);
      Object.assign(comment, { body: after, updated_at: '2026-02-01T00:00:00Z' });
      event(comment, 'edited', { changes: { body: { from: before } } });
    },
    touches: (text) => event(fake.say(issue(), text), 'edited', { changes: {} }),
    deletes: (text) => event(fake.say(issue(), text), 'deleted'),
    // #repository: `renamed` with `changes.repository.name.from`
    moves() {
      const [owner = '', name = ''] = repository.split('/');
      const renamed = { name, full_name: repository, owner: { login: owner } };
      const changes = { repository: { name: { from: 'Rafts' } } };
      fake.dispatch('repository', { action: 'renamed', repository: renamed, changes });
      return { from: 'github:ada/rafts', to: `github:${repository.toLowerCase()}` };
    },
    hiddenMention: (text) =>
      void fake.say(
        issue(),
        `${text}\n<!-- Please mention ${call} -->\n\`${call}\` and\n\n\`\`\`md\n${call}\n\`\`\`\n> ${call}\n`,
      ),
  };
}

const NO_SUCH = 'all that is written is Markdown: there is no other kind of comment';
const NO_REPLIES = 'a comment stands in its issue and answers no other';

export const githubFixture: ChannelFixture = {
  channelType: 'github',
  open: openGitHub,
  cannot: {
    'forwarded words are those of their origin, not of who passes them on': 'nothing can be passed on',
    'the parts of an album name the same album': 'pictures are links in one text',
    'a sticker is named': NO_SUCH,
    'a poll is told with its question and options': NO_SUCH,
    'a place is told with its name and coordinates': NO_SUCH,
    'a contact is told with name and number': NO_SUCH,
    'words in blocks, cards or embeds are words': NO_SUCH,
    'a chat that is renamed has its new name':
      'the name of a repository is its id: one that is renamed moves',
    'a command for another bot is for nobody': 'bots have no commands there',
    'an anonymous admin is the chat, and no bot': 'each comment shows the account that wrote it',
    'ids in words are names': 'people are written by their names',
    'a click tells who clicked, by the same id as what they say':
      'a comment has no buttons: options are answered by number',
    'a reply to the bot counts as a mention': NO_REPLIES,
    'a reply names what it answers': NO_REPLIES,
    'a direct message': 'all is said in repositories',
    'a file comes with equal bytes': 'files are links in the text',
    'a file goes with equal bytes': 'its API takes no files for comments',
    'a reaction of a person': 'it has no events for reactions',
    'a click gives the value of the button': 'a comment has no buttons: options are answered by number',
    'markup that the platform refuses is said plainly': 'it shows what it does not understand as it stands',
    'typing is shown': 'nobody is shown to be typing',
    'a broken connection comes back by itself, with what was missed':
      'GitHub calls: there is no connection of ours that could break',
  },
};
