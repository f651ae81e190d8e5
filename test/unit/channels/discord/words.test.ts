import { describe, expect, test } from 'vitest';
import { addressOf } from '../../../../src/address.js';
import { saidSchema } from '../../../../src/channels/discord/said.js';
import { wordsOf } from '../../../../src/channels/discord/words.js';
import { requestOf, textPart } from '../../../channels/contract/stage.js';
import { useStage } from '../../../channels/contract/use-stage.js';
import { robot } from '../../../channels/discord/words.js';
import { openDiscord } from '../../../channels/discord.js';

const at = useStage(openDiscord);
const general = () => at.stage.fake.world.general;
const _events = (kind: string) => at.host.events.filter((event) => event.kind === kind);
/** Everything that came before now. */
async function _settled() {
  at.stage.fake.say(general(), 'and that was all');
  await at.host.heard('and that was all');
  return at.host.events.filter(({ text }) => !text.includes('and that was all'));
}

/** Fields of a message (docs.discord.com/developers/resources/message#message-object) and what is read of them. */
const kinds: [string, object, string][] = [
  ['a text', { content: 'hello' }, 'hello'],
  ['a custom emoji', { content: '<a:wave:12> <:x_y:3>' }, ':wave: :x_y:'],
  [
    'code keeps ids',
    { content: '`<:wave:12>` ```\n<t:0>\n``` <t:0:d>' },
    '`<:wave:12>` ```\n<t:0>\n``` 1970-01-01T00:00:00Z',
  ],
  ['an unknown id stays', { content: '<@1> <#2> <@&3>' }, '<@1> <#2> <@&3>'],
  ['a moment beyond time', { content: '<t:9999999999999>' }, '<t:9999999999999>'],
  ['a place of the server', { content: '<id:customize>' }, '[customize]'],
  ['everyone', { content: '@everyone @here' }, '@everyone @here'],
  ['stickers', { content: 'hi', sticker_items: [{ id: '1', name: 'Wave' }] }, 'hi\n\n[sticker Wave]'],
  [
    'a poll with emoji',
    {
      poll: {
        question: { text: 'Lunch?' },
        answers: [
          { poll_media: { text: 'Pizza', emoji: { id: null, name: '🍕' } } },
          { poll_media: { emoji: { name: '🥗' } } },
        ],
      },
    },
    '[poll: Lunch? – 🍕 Pizza / 🥗]',
  ],
  [
    'an invitation',
    { activity: { type: 1, party_id: 'p' }, application: { name: 'Chess' } },
    '[invitation to join: Chess]',
  ],
  [
    'an embed of a webhook',
    {
      author: { id: '9', username: 'Pager' },
      webhook_id: '9',
      embeds: [
        {
          ...{ type: 'rich', title: 'Incident', description: 'disk **full**', url: 'https://e.example/1' },
          fields: [{ name: 'sev', value: '1', inline: true }],
          ...{
            footer: { text: 'ops' },
            author: { name: 'Grafana' },
            image: { url: 'https://e.example/p.png' },
          },
        },
      ],
    },
    '[embed: Grafana – Incident – disk **full** – sev: 1 – ops – https://e.example/1 – https://e.example/p.png]',
  ],
  [
    "a preview is nobody's words",
    {
      content: 'see https://e.example',
      author: { id: '1' },
      embeds: [{ type: 'article', title: 'A page', url: 'https://e.example', provider: { name: 'E' } }],
    },
    'see https://e.example',
  ],
  [
    'a preview under what an app says, too',
    {
      content: 'see',
      author: { id: '1', bot: true },
      embeds: [{ type: 'rich', title: 'A page', provider: {} }],
    },
    'see',
  ],
  [
    'components',
    {
      components: [
        {
          type: 17,
          components: [
            { type: 10, content: '# Deploy' },
            {
              type: 9,
              components: [{ type: 10, content: 'went well' }],
              accessory: { type: 2, style: 1, label: 'Open', custom_id: 'a' },
            },
            { type: 12, items: [{ media: { url: 'https://e.example/a.png' }, description: 'a graph' }] },
            { type: 1, components: [{ type: 3, placeholder: 'Pick one', options: [] }] },
          ],
        },
      ],
    },
    '# Deploy\n\nwent well\n\n[button: Open]\n\na graph\n\n[choice: Pick one]',
  ],
  [
    'wrong types everywhere',
    { content: 5, embeds: 'x', components: [null, 5], poll: [], sticker_items: {} },
    '',
  ],
];

const names = { user: () => undefined, role: () => undefined, channel: () => undefined };
test.each(kinds)('%s', (_, fields, text) => {
  expect(wordsOf(saidSchema.parse(fields), names)).toBe(text);
});

test('a message that is nested without end is read no further than Discord itself goes', () => {
  let components: unknown[] = [{ type: 10, content: 'deep' }];
  for (let at = 0; at < 20; at += 1) components = [{ type: 17, components }];
  expect(wordsOf(saidSchema.parse({ components }), names)).toBe('');
  for (let at = 0; at < 5000; at += 1) components = [{ type: 17, components }];
  const wide = Array.from({ length: 100_000 }, () => ({ type: 10, content: 'x' }));
  expect(wordsOf(saidSchema.parse({ components }), names)).toBe('');
  expect(wordsOf(saidSchema.parse({ components: wide }), names).length).toBeLessThan(1000);
  expect(wordsOf(saidSchema.parse({ content: '`<@1>'.repeat(50_000) }), names)).toHaveLength(250_000);
});

describe('what is answered', () => {
  test('its files, embeds and forwarded words come with it', async () => {
    const { bob } = at.stage.fake.world;
    const answered = at.stage.fake.say(general(), 'see this', {
      from: bob,
      files: [{ name: 'a.txt', data: Buffer.from('a') }],
      unheard: true,
    });
    const snapshot = { type: 0, content: 'passed on', embeds: [], attachments: [] };
    Object.assign(answered, { message_snapshots: [{ message: snapshot }] });
    at.stage.fake.say(general(), 'and this?', { replyTo: answered });
    const { quoted } = await at.host.heard('and this?');
    expect(quoted).toMatchObject({ text: 'see this\n\npassed on', from: 'Bob', messageId: answered.id });
    expect(quoted?.files.map(({ name }) => name)).toEqual(['a.txt']);
  });

  test('a message that is gone is a problem', async () => {
    const message_reference = { message_id: '123', channel_id: general().id };
    at.stage.fake.post(general(), {
      type: 19,
      content: 'what was it?',
      message_reference,
      referenced_message: null,
    });
    const event = await at.host.heard('what was it?');
    expect(event.quoted).toBeUndefined();
    expect(event.problems).toEqual(['The message that this answers is gone.']);
  });

  test('what Discord did not look up is fetched once', async () => {
    const answered = at.stage.fake.say(general(), 'the earth is flat', {
      from: at.stage.fake.world.bob,
      unheard: true,
    });
    const message_reference = { message_id: answered.id, channel_id: general().id };
    at.stage.fake.post(general(), { type: 19, content: 'is it?', message_reference });
    expect((await at.host.heard('is it?')).quoted).toMatchObject({ text: 'the earth is flat', from: 'Bob' });
    expect(at.stage.fake.requests.at(-1)).toBe(`GET /channels/${general().id}/messages/${answered.id}`);
  });

  test('what cannot be fetched is a problem of another kind', async () => {
    at.stage.fake.faults.next(/^GET \/channels\/\d+\/messages\/5$/, {
      kind: 'answer',
      status: 503,
      body: {},
    });
    const message_reference = { message_id: '5', channel_id: general().id };
    at.stage.fake.post(general(), { type: 19, content: 'is it?', message_reference });
    const { problems } = await at.host.heard('is it?');
    expect(problems).toEqual(['The message that this answers could not be fetched.']);
  });

  test('a channel that is followed answers nothing', async () => {
    const message_reference = { message_id: '123', channel_id: '9', guild_id: '8' };
    at.stage.fake.post(general(), { flags: 2, content: 'news', message_reference }, robot);
    expect(await at.host.heard('news')).toMatchObject({ replyTo: null });
  });

  test('the packet of a reply, as it comes', async () => {
    const { bot, guildId } = at.stage.fake.world;
    at.stage.fake.gateway.dispatch('MESSAGE_CREATE', {
      ...{ id: '200', channel_id: general().id, guild_id: guildId, type: 19 },
      content: `<@${bot.id}> is this true?`,
      author: { id: '10', username: 'ada' },
      mentions: [{ id: bot.id, username: 'wharfie bot', bot: true }],
      ...{ mention_roles: [], attachments: [], embeds: [], components: [] },
      ...{ timestamp: '2026-11-30T20:02:00Z', edited_timestamp: null },
      message_reference: { type: 0, message_id: '123', channel_id: general().id },
      referenced_message: {
        ...{ id: '123', channel_id: general().id, type: 0, content: 'the earth is flat, said by Bob' },
        ...{ author: { id: '55', username: 'bob' }, mentions: [], attachments: [], embeds: [] },
      },
    });
    expect(await at.host.heard('is this true?')).toMatchObject({
      text: '@wharfie bot is this true?',
      mentioned: true,
      replyTo: '123',
      quoted: { text: 'the earth is flat, said by Bob', from: 'bob', messageId: '123', partial: false },
    });
  });
});

describe('what is passed on', () => {
  test('where it stood and when it was said is told, and its files are fetched', async () => {
    const { direct, world } = { direct: at.stage.fake.world.direct, world: at.stage.fake.world };
    const url = 'https://cdn.discordapp.com/a.png';
    at.stage.fake.post(direct, {
      message_reference: { type: 1, message_id: '1', channel_id: world.general.id, guild_id: world.guildId },
      message_snapshots: [
        {
          message: {
            ...{
              content: `<@${world.bot.id}> pay`,
              timestamp: '2026-11-30T10:00:00Z',
              mentions: [world.bot],
            },
            attachments: [{ id: '5', filename: 'a.png', content_type: 'image/png', size: 3, url }],
          },
        },
      ],
    });
    const event = await at.host.until(() => at.host.events[0]);
    expect(event).toMatchObject({
      ...{ text: '', mentioned: false },
      forwarded: { text: '@wharfie bot pay', from: '#general', at: Date.parse('2026-11-30T10:00:00Z') },
    });
    expect(event.attachments.map(({ name }) => name)).toEqual(['a.png']);
  });
});

describe('a thread', () => {
  test('that began with the report of the bot has it as its root', async () => {
    const group = addressOf({
      channelType: 'discord',
      platformId: `discord:${at.stage.fake.world.guildId}:${general().id}`,
      threadId: '',
    });
    await at.stage.adapter.deliver(requestOf(group, textPart('the nightly report')));
    const [report] = at.stage.fake.said(general().id);
    if (!report) throw new Error('no report');
    at.stage.fake.say(at.stage.fake.thread(general(), 'report', report), 'why?');
    expect(await (await at.host.heard('why?')).root?.()).toMatchObject({
      ...{ text: 'the nightly report', from: 'wharfie bot', messageId: report.id },
    });
  });

  test('without a first message has its name', async () => {
    at.stage.fake.say(at.stage.fake.thread(general(), 'plans for May'), 'when?');
    expect(await (await at.host.heard('when?')).root?.()).toMatchObject({ text: '[thread: plans for May]' });
  });

  test('of a forum begins with a post that has a title', async () => {
    const { fake } = at.stage;
    const forum = { id: fake.world.nextId(), type: 15, name: 'help', guild_id: fake.world.guildId };
    fake.world.channels.set(forum.id, forum);
    fake.gateway.dispatch('CHANNEL_CREATE', forum);
    const starter = fake.say(general(), 'it does not start', { unheard: true });
    const thread = fake.thread(forum, 'My boat', starter);
    starter.channel_id = thread.id;
    fake.gateway.dispatch('MESSAGE_CREATE', { ...starter, guild_id: forum.guild_id });
    const post = await at.host.heard('it does not start');
    expect(post.text).toBe('**My boat**\n\nit does not start');
    expect(post.root).toBeUndefined();
    fake.say(thread, 'same here');
    const root = await (await at.host.heard('same here')).root?.();
    expect(root).toMatchObject({ text: '**My boat**\n\nit does not start', from: 'Ada' });
  });

  test('whose beginning cannot be fetched says so', async () => {
    const thread = at.stage.fake.thread(general(), 'aside');
    at.stage.fake.faults.next(
      /^GET \/channels\/\d+\/messages\/\d+$/,
      { kind: 'answer', status: 503, body: {} },
      9,
    );
    at.stage.fake.say(thread, 'hello?');
    await expect((await at.host.heard('hello?')).root?.()).rejects.toMatchObject({ errorClass: 'transient' });
  });
});
