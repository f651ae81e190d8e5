import type { ChannelFacts } from './types.js';

const SETTINGS = 'github.com, as the bot: Settings > Developer settings > Personal access tokens';

/** `owner/repo`, also as it stands in a link; an issue or pull request belongs to its repository. */
const REPOSITORY =
  /^(?:(?:https?:\/\/)?(?:www\.)?github\.com\/|git@github\.com:)?([a-z\d](?:[a-z\d-]{0,37}[a-z\d])?)\/([\w.-]{1,100}?)(?:\.git)?(?:[/:#?].*)?$/i;

export const githubFacts: ChannelFacts = {
  type: 'github',
  label: 'GitHub',
  idPrefix: 'github',
  package: { name: '@chat-adapter/github', version: '4.39.0' },
  transport: 'webhook',
  credentials: [
    {
      name: 'GITHUB_TOKEN',
      label: "the bot account's token",
      required: true,
      secret: true,
      pattern: /^(?:github_pat_\w{20,250}|gh[pous]_\w{20,250})$/,
      where: `${SETTINGS}: classic with the scope repo; in an organisation that it is a member of, fine-grained with Issues and Pull requests read and write will do.`,
    },
    {
      name: 'GITHUB_WEBHOOK_SECRET',
      label: 'secret of the webhook',
      required: true,
      secret: true,
      pattern: /^\S{16,200}$/,
      where:
        'A long random text of your own (openssl rand -hex 32), the same as in the repository: Settings > Webhooks > the webhook > Secret.',
    },
    {
      name: 'GITHUB_BOT_USERNAME',
      label: "the bot account's user name",
      required: false,
      secret: false,
      pattern: /^@?[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i,
      where:
        'The name that people mention. Left out, it is the name of the account that the token belongs to.',
    },
  ],
  platformId: {
    pattern: /^github:[a-z\d-]{1,39}\/[a-z\d_.-]{1,100}$/,
    example: 'github:octo-org/octo-repo',
    where: "It is what stands in the repository's address behind github.com/.",
    aliases: ['gh'],
    partial: null,
    isGroup: () => true,
    // GitHub takes a name in any case, and tells it as it was once written.
    normalizeRest(rest) {
      const [, owner, repo] = REPOSITORY.exec(rest) ?? [];
      return owner && repo && !/^\.+$/.test(repo) ? `${owner}/${repo}`.toLowerCase() : null;
    },
  },
  writesDocuments: true,
  sayToBot:
    'Write it in a comment on an issue or pull request of the repository, with a mention of the bot: "@<bot> <word>".',
  tellsEdits: true,
  tellsDeletions: true,
  capabilities: {
    threads: true,
    edits: true,
    reactions: true,
    typing: false,
    files: false,
    buttons: false,
    coldDirectMessages: false,
    // Of the 65,536 some are left for the key that each message bears.
    textLimit: { max: 65_000, unit: 'utf16' },
    idempotency: false,
    history: true,
    waitsForEver: false,
  },
};
