import { DiscordAdapter } from '@chat-adapter/discord';
import { GitHubAdapter } from '@chat-adapter/github';
import { SlackAdapter } from '@chat-adapter/slack';
import { TelegramAdapter } from '@chat-adapter/telegram';
import type { Adapter } from 'chat';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channels, normalizePlatformId } from '../../src/channels/catalog.js';
import { googleChatIds, teamsIds } from './ids/called.js';

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

const github = new GitHubAdapter({ token: 'x', webhookSecret: 'x' });
const login = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?$/);
const repository = fc
  .stringMatching(/^[A-Za-z0-9_][\w.-]{0,20}[A-Za-z0-9_]$/)
  .filter((name) => !/\.git$/i.test(name));

const known: Record<string, Ids> = {
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
