import type { Address } from '../../src/address.js';
import { linear } from '../../src/channels/linear.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { shownComment } from '../fakes/linear/methods.js';
import { createFakeLinear, type FakeComment, type FakeIssue, type FakeLinear } from '../fakes/linear.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { callsOf, type FaultName, type Heard, NO_ANSWER, sha256 } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { Words } from './contract/words.js';
import type { ChannelFixture } from './contract.js';

const SENDING = /commentCreate$/;
const answer = (status: number, code: string, headers: Record<string, string> = {}): Fault => ({
  ...{ kind: 'answer', status, headers },
  body: { errors: [{ message: code, extensions: { code } }] },
});

const FAULTS: Record<Exclude<FaultName, 'markup-refused'>, Fault> = {
  'rate-limited': answer(400, 'RATELIMITED', { 'retry-after': '7' }),
  outage: { kind: 'answer', status: 503, body: 'Service Unavailable' },
  refused: answer(200, 'FORBIDDEN'),
  ...NO_ANSWER,
};

export interface LinearStage extends WebhookStage, Adapters {
  fake: FakeLinear;
  issueOf(to: Address): FakeIssue;
}

const notHere = (what: string) => () => {
  throw new Error(`Linear has no ${what}: name the case in \`cannot\``);
};

/** Linear's adapter with the real packages beneath it, against the fake. */
export async function openLinear(): Promise<LinearStage> {
  const clock = createFakeClock();
  const webhooks = openWebhooks();
  const fake = await createFakeLinear(clock, () => webhooks.url('linear'));
  const { world, apiKey } = fake;
  const adapters = createAdapters(linear, {
    clock,
    webhooks,
    env: () => ({
      LINEAR_API_KEY: apiKey,
      LINEAR_WEBHOOK_SECRET: fake.secret,
      LINEAR_API_URL: fake.http.origin(),
    }),
  });
  const at = ({ team, identifier }: FakeIssue): Address => ({
    ...{ channelType: 'linear', platformId: `linear:${team.key}`, threadId: identifier },
  });
  const issueOf = ({ threadId }: Address): FakeIssue => {
    const found = world.issues.find((one) => one.identifier === threadId);
    if (!found) throw new Error(`no issue ${threadId}`);
    return found;
  };
  const [eng, ops] = world.teams;
  if (!eng || !ops) throw new Error('no teams');
  // Long before anything is said in them.
  const old = { createdAt: '2026-01-01T00:00:00.000Z' };
  return {
    ...adapters,
    fake,
    sizesUnknown: true,
    issueOf,
    webhooks,
    posting: (to, text) =>
      fake.posting('Comment', 'create', shownComment(fake.say(issueOf(to), text, { unheard: true }))),
    longestSaid: 65_536,
    group: at(world.open(eng, 'A leak', old)),
    direct: at(world.open(ops, 'To do', old)),
    thread: () => at(world.open(eng, 'A patch', old)),
    say(to, text, { mention, fromBot, replyTo, files = [], unheard = false, garbled = false } = {}) {
      const links = files.map(({ name, data }) => {
        const id = `f${world.files.size + 1}`;
        world.files.set(id, data);
        return `\n\n[${name}](${fake.http.origin()}/files/${id})`;
      });
      const said = text + links.join('');
      const body = mention ? `@${world.bot.displayName} ${said}` : said;
      const parent = world.comments.find((one) => one.id === replyTo) ?? null;
      return fake.say(issueOf(to), body, {
        ...(fromBot ? { from: world.rover } : {}),
        parent,
        unheard,
        garbled,
      }).id;
    },
    calls: () => callsOf(fake.http),
    heard: (to) =>
      world.comments
        .filter((one) => one.user === world.bot && one.issue === issueOf(to))
        .map((one) => heardOf(fake, one)),
    react: notHere('events of reactions that tell where'),
    click: notHere('buttons'),
    fault(name) {
      if (name === 'markup-refused') throw new Error('Linear refuses no markup');
      fake.http.faults.next(SENDING, FAULTS[name]);
    },
    typing: () => 0,
    words: wordsOf(fake),
    breakConnection: notHere('connection of ours'),
    revokeToken: () => {
      fake.apiKey = 'another';
    },
    restoreToken: () => {
      fake.apiKey = apiKey;
    },
    goDown: () => fake.http.goDown(),
    comeUp: () => fake.http.comeUp(),
    async close() {
      await fake.close();
      adapters.removeState();
    },
  };
}

const FILE = /\n*!?\[([^\]]*)\]\(http:\/\/127[^)]*\/files\/(\w+)\)/g;

function heardOf({ world }: FakeLinear, comment: FakeComment): Heard {
  return {
    id: comment.id,
    text: comment.body.replace(FILE, ''),
    files: [...comment.body.matchAll(FILE)].map(([, name = '', id = '']) => ({
      name,
      sha256: sha256(world.files.get(id) ?? ''),
    })),
    replyTo: comment.parent?.id ?? null,
    reactions: comment.reacted,
    buttons: [],
  };
}

/** What people do, as linear.app/developers/webhooks and its schema (`CommentWebhookPayload`) have it. */
function wordsOf(fake: FakeLinear): Words {
  const { world } = fake;
  const [, team] = world.teams;
  if (!team) throw new Error('no team');
  const issue = () => world.open(team, 'A leak below');
  const call = `@${world.bot.displayName} `;
  return {
    answers(asked, quoted) {
      const about = issue();
      const parent = fake.say(about, quoted, { from: world.bob, unheard: true });
      fake.say(about, call + asked, { parent });
    },
    // `quotedText`: the comment stands at a part of the description
    answersPart(asked, part) {
      const comment = fake.say(issue(), call + asked, { unheard: true });
      comment.quotedText = part;
      fake.dispatch('Comment', 'create', shownComment(comment));
    },
    asksInThread(asked, root) {
      const about = issue();
      about.description = root;
      fake.say(about, call + asked);
    },
    service() {
      const about = issue();
      const updatedFrom = { stateId: 'x', updatedAt: '2026-01-01T00:00:00.000Z' };
      fake.dispatch('Issue', 'update', about, { updatedFrom });
      const kinds = ['IssueLabel', 'Reaction', 'Project', 'Cycle', 'Document', 'IssueSLA', 'User', 'ANewOne'];
      for (const type of kinds) fake.dispatch(type, 'create', { id: 'x', team });
      return kinds.length + 1;
    },
    edits(before, after) {
      const comment = fake.say(issue(), before);
      Object.assign(comment, { body: after, editedAt: '2026-02-01T00:00:00.000Z' });
      fake.dispatch('Comment', 'update', shownComment(comment), {
        updatedFrom: { body: before, editedAt: null },
      });
    },
    touches(text) {
      const comment = fake.say(issue(), text);
      fake.dispatch('Comment', 'update', shownComment(comment), { updatedFrom: { resolvedAt: null } });
    },
    deletes: (text) => fake.dispatch('Comment', 'remove', shownComment(fake.say(issue(), text))),
    renames(name, text) {
      team.name = name;
      fake.say(issue(), text);
    },
    hiddenMention: (text) =>
      void fake.say(
        issue(),
        `${text}\n\`${call}\`\n\n\`\`\`\nhttps://linear.app/ada/profiles/${world.bot.displayName}\n\`\`\`\n> ${call}`,
      ),
    idsForNames() {
      fake.say(issue(), 'ask https://linear.app/ada/profiles/bob about it');
      return { shown: 'ask @bob about it' };
    },
  };
}

const NO_SUCH = 'all that is written is Markdown: there is no other kind of comment';

export const linearFixture: ChannelFixture = {
  channelType: 'linear',
  open: openLinear,
  cannot: {
    'forwarded words are those of their origin, not of who passes them on': 'nothing can be passed on',
    'the parts of an album name the same album': 'pictures are links in one text',
    'a sticker is named': NO_SUCH,
    'a poll is told with its question and options': NO_SUCH,
    'a place is told with its name and coordinates': NO_SUCH,
    'a contact is told with name and number': NO_SUCH,
    'the answer to a form is its words': 'what is put into a form is the description of an issue',
    'words in blocks, cards or embeds are words': NO_SUCH,
    'a chat that moves is told with both ids': 'no event tells that a team has another key',
    'a command for another bot is for nobody': 'bots have no commands there',
    'an anonymous admin is the chat, and no bot': 'each comment shows who wrote it',
    'a click tells who clicked, by the same id as what they say':
      'a comment has no buttons: options are answered by number',
    'a direct message': 'all is said in the issues of teams',
    'a reaction of a person': 'its events of reactions do not tell in which team',
    'a click gives the value of the button': 'a comment has no buttons: options are answered by number',
    'markup that the platform refuses is said plainly': 'it shows what it does not understand as it stands',
    'typing is shown': 'nobody is shown to be typing in comments',
    'a broken connection comes back by itself, with what was missed':
      'Linear calls: there is no connection of ours that could break',
  },
};
