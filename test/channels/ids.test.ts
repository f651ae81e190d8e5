import { DiscordAdapter } from '@chat-adapter/discord';
import { GitHubAdapter } from '@chat-adapter/github';
import { SlackAdapter } from '@chat-adapter/slack';
import { TelegramAdapter } from '@chat-adapter/telegram';
import { WhatsAppAdapter } from '@chat-adapter/whatsapp';
import { type Adapter, ConsoleLogger } from 'chat';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channels, normalizePlatformId } from '../../src/channels/catalog/index.js';
import { emailAddressIn } from '../../src/channels/catalog/resend.js';
import { MailAdapter } from '../../src/channels/resend/adapter.js';
import { googleChatIds, teamsIds } from './ids/called.js';
import { linearIds } from './ids/linear.js';

/** How each platform writes a chat and a thread in it, and how its adapter names them. */
interface Ids {
  adapter: Pick<Adapter, 'channelIdFromThreadId'>;
  /** What `register` may be given, and the adapter's name of the same chat (with a thread). */
  chats: fc.Arbitrary<{ given: string[]; threadId: string }>;
}

const snowflake = fc.bigInt(10n ** 16n, 10n ** 19n).map(String);
const slackId = fc.stringMatching(/^[CDG][A-Z0-9]{8,12}$/);
const telegram = new TelegramAdapter({ botToken: '1:x', mode: 'polling' });
const slack = new SlackAdapter({ botToken: 'xoxb-1', webhookVerifier: () => false });
const discord = new DiscordAdapter({
  botToken: 'x',
  applicationId: '1',
  webhookVerifier: () => false,
});

const whatsapp = new WhatsAppAdapter({
  accessToken: 'EAA1',
  appSecret: 'x',
  verifyToken: 'x',
  phoneNumberId: '1',
  userName: 'x',
  logger: new ConsoleLogger('silent'),
});
const github = new GitHubAdapter({ token: 'x', webhookSecret: 'x' });
const login = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?$/);
const repository = fc
  .stringMatching(/^[A-Za-z0-9_][\w.-]{0,20}[A-Za-z0-9_]$/)
  .filter((name) => !/\.git$/i.test(name));

const known: Record<string, Ids> = {
  linear: linearIds,
  gchat: googleChatIds,
  teams: teamsIds,
  telegram: {
    adapter: telegram,
    chats: fc
      .record({
        id: fc.integer({ min: 1, max: 2 ** 50 }),
        group: fc.boolean(),
        topic: fc.integer({ min: 2 }),
      })
      .map(({ id, group, topic }) => {
        const chatId = `${group ? '-' : ''}${id}`;
        const given = [chatId, `telegram:${chatId}`, `tg:${chatId}`, ` TG:${chatId} `, `${chatId}:${topic}`];
        return { given, threadId: telegram.encodeThreadId({ chatId, messageThreadId: topic }) };
      }),
  },
  slack: {
    adapter: slack,
    chats: fc.tuple(slackId, fc.integer({ min: 10 ** 9, max: 10 ** 10 - 1 })).map(([channel, seconds]) => ({
      given: [
        channel,
        `slack:${channel}`,
        channel.toLowerCase(),
        `https://my-team.slack.com/archives/${channel}/p${seconds}000100`,
        `https://app.slack.com/client/T0123/${channel}`,
        `slack:${channel}:${seconds}.000100`,
      ],
      threadId: slack.encodeThreadId({ channel, threadTs: `${seconds}.000100` }),
    })),
  },
  'whatsapp-cloud': {
    adapter: whatsapp,
    chats: fc
      .tuple(
        fc.stringMatching(/^[1-9]\d{9,16}$/),
        fc.oneof(
          fc.stringMatching(/^[1-9]\d{7,14}$/),
          fc.stringMatching(/^[A-Z]{2}\.(?:ENT\.)?[0-9]{5,20}$/),
        ),
      )
      .map(([phoneNumberId, userWaId]) => {
        const id = `${phoneNumberId}:${userWaId}`;
        const phone = `${phoneNumberId}: +${userWaId.slice(0, 2)} (${userWaId.slice(2, 5)}) ${userWaId.slice(5)}`;
        const asWritten = /^\d/.test(userWaId) ? [phone] : [`WhatsApp:${id.toLowerCase()}`];
        const given = [
          id,
          `whatsapp:${id}`,
          ` WHATSAPP:${id} `,
          `${phoneNumberId}/${userWaId}`,
          ...asWritten,
        ];
        return { given, threadId: whatsapp.encodeThreadId({ phoneNumberId, userWaId }) };
      }),
  },
  github: {
    adapter: github,
    chats: fc.tuple(login, repository, fc.integer({ min: 1 })).map(([owner, repo, prNumber]) => ({
      given: [
        `${owner}/${repo}`,
        `github:${owner}/${repo}`,
        `GH:${owner}/${repo}`,
        `${owner}/${repo}`.toUpperCase(),
        `https://github.com/${owner}/${repo}`,
        `https://github.com/${owner}/${repo}/issues/${prNumber}#issuecomment-1`,
        `https://github.com/${owner}/${repo}.git`,
        `git@github.com:${owner}/${repo}.git`,
      ],
      threadId: github.encodeThreadId({ owner, repo, prNumber, type: 'issue' }),
    })),
  },
  resend: {
    adapter: MailAdapter.prototype,
    chats: fc.tuple(fc.emailAddress(), fc.constantFrom('', 'root@example.org')).map(([email, thread]) => {
      // What stands in a mail's head is read by the same function that `register` uses.
      const address = emailAddressIn(`Ada <${email}>`) ?? '';
      const given = [
        email,
        `resend:${email}`,
        ` Resend:${email.toUpperCase()} `,
        `"A, B" <${email}>`,
        `mailto:${email}`,
      ];
      return { given, threadId: MailAdapter.prototype.encodeThreadId({ address, thread }) };
    }),
  },
  discord: {
    adapter: discord,
    chats: fc
      .tuple(fc.oneof(snowflake, fc.constant('@me')), snowflake, snowflake)
      .map(([guildId, channelId, threadId]) => ({
        given: [`${guildId}:${channelId}`, `dc:${guildId}:${channelId}`, `${guildId}/${channelId}`],
        threadId: discord.encodeThreadId({ guildId, channelId, threadId }),
      })),
  },
};

test.each(Object.entries(known))(
  '%s: what the adapter says and what register is given are one id',
  (type, ids) => {
    fc.assert(
      fc.property(ids.chats, ({ given, threadId }) => {
        const heard = normalizePlatformId(type, ids.adapter.channelIdFromThreadId(threadId));
        for (const one of given) expect(normalizePlatformId(type, one)).toBe(heard);
      }),
    );
  },
);

test('no channel is left out', () => {
  expect(
    Object.keys(channels)
      .filter((type) => type !== 'cli')
      .sort(),
  ).toEqual(Object.keys(known).sort());
});
