import { describe, expect, test } from 'vitest';
import { useTelegram } from './use.js';
import { ANONYMOUS, photo } from './words.js';

const at = useTelegram();
const location = { latitude: 52.5, longitude: 13.4 };
const file = (name: string) => ({ file_id: name, file_unique_id: `u${name}`, file_size: 4 });

describe('who speaks', () => {
  // core.telegram.org/bots/api#message, sender_chat
  test.each([
    ['an anonymous admin', {}, ANONYMOUS, { name: 'an admin of Family' }],
    ['a titled one', { author_signature: 'Boss' }, ANONYMOUS, { name: 'an admin of Family (Boss)' }],
  ])('%s is the chat', async (_, fields, from, sender) => {
    const event = await at.eventOf(
      { text: 'x', sender_chat: at.stage.fake.world.family, ...fields },
      { from },
    );
    expect(event.sender).toEqual({ id: event.platformId, isBot: false, self: false, ...sender });
  });

  test('who posts as a channel is that channel', async () => {
    const sender_chat = { id: -100_9, type: 'channel', title: 'News' };
    const from = { id: 136_817_688, is_bot: true, first_name: 'Channel' };
    const event = await at.eventOf({ text: 'x', sender_chat }, { from });
    expect(event.sender).toEqual({ id: 'telegram:-1009', name: 'News', isBot: false, self: false });
  });

  // core.telegram.org/bots/api#messageorigin
  test.each([
    [{ type: 'user', sender_user: { id: 9, first_name: 'Air', last_name: 'Line' }, date: 5 }, 'Air Line'],
    [{ type: 'hidden_user', sender_user_name: 'Mallory', date: 5 }, 'Mallory'],
    [
      {
        type: 'chat',
        sender_chat: { id: -1, type: 'group', title: 'Team' },
        author_signature: 'Boss',
        date: 5,
      },
      'Team (Boss)',
    ],
    [{ type: 'channel', chat: { id: -2, type: 'channel', title: 'News' }, message_id: 1, date: 5 }, 'News'],
  ])('forwarded words have their origin (%o)', async (forward_origin, from) => {
    const text = await at.eventOf({ text: '/new@other_bot all', forward_origin });
    expect(text).toMatchObject({
      kind: 'message',
      text: '',
      forwarded: { text: '/new@other_bot all', from, at: 5000 },
    });
    const captioned = await at.eventOf({ photo: photo('p'), caption: 'look', forward_origin });
    expect(captioned).toMatchObject({ text: '', forwarded: { text: 'look', from } });
    expect(captioned.attachments).toHaveLength(1);
    const sticker = await at.eventOf({ sticker: { ...file('s'), emoji: '👍' }, forward_origin });
    expect(sticker).toMatchObject({ text: '', forwarded: { text: '[sticker 👍]' } });
  });

  test('the post of a channel in its discussion group is passed on by the channel', async () => {
    const sender_chat = { id: -100_9, type: 'channel', title: 'News' };
    const from = { id: 777_000, is_bot: false, first_name: 'Telegram' };
    const forward_origin = { type: 'channel', chat: sender_chat, message_id: 4, date: 5 };
    const event = await at.eventOf(
      { text: 'today', sender_chat, is_automatic_forward: true, forward_origin },
      { from },
    );
    expect(event).toMatchObject({
      text: '',
      sender: { name: 'News', isBot: false },
      forwarded: { text: 'today', from: 'News' },
    });
  });
});

describe('changes', () => {
  const edit = (fields: object) => at.stage.fake.updates.push({ edited_message: fields });
  const base = () => at.packets.message(at.stage.fake.world.direct, {});

  test('an edit told again has the same id, and a later one another', async () => {
    const said = base();
    for (const [text, edit_date] of [
      ['one', 5],
      ['one', 5],
      ['two', 6],
    ])
      edit({ ...said, text, edit_date });
    await at.host.until(() => at.host.events.length === 3);
    const [first, again, later] = at.host.events.map(({ messageId }) => messageId);
    expect(again).toBe(first);
    expect(later).not.toBe(first);
  });

  test('the edit of a caption has its words; a channel post is edited too', async () => {
    edit({ ...base(), photo: photo('p'), caption: 'a new caption', edit_date: 5 });
    expect(await at.host.heard('a new caption')).toMatchObject({ kind: 'edited', attachments: [] });
    const chat = { id: -100_9, type: 'channel', title: 'News' };
    const post = { message_id: 3, date: 1, chat, sender_chat: chat, text: 'corrected', edit_date: 5 };
    at.stage.fake.updates.push({ edited_channel_post: post });
    expect(await at.host.heard('corrected')).toMatchObject({
      kind: 'edited',
      replyTo: '-1009:3',
      sender: { id: 'telegram:-1009' },
    });
  });

  test('what is posted in a channel is said by the channel, and nobody in it is a person', async () => {
    // core.telegram.org/bots/api#update (channel_post) and #message: it has no `from`, and the channel as `sender_chat`.
    const chat = { id: -100_9, type: 'channel', title: 'News' };
    const post = { message_id: 7, date: 1, chat, sender_chat: chat };
    at.stage.fake.updates.push({ channel_post: { ...post, text: 'we open at 9' } });
    expect(await at.host.heard('we open at 9')).toMatchObject({
      ...{
        kind: 'message',
        messageId: '-1009:7',
        platformId: 'telegram:-1009',
        chatName: 'News',
        isGroup: true,
      },
      sender: { id: 'telegram:-1009', isBot: false, self: false },
    });
    const command = {
      ...post,
      message_id: 8,
      text: '/status',
      entities: [{ type: 'bot_command', offset: 0, length: 7 }],
    };
    at.stage.fake.updates.push({ channel_post: { ...command, author_signature: 'Boss' } });
    expect(await at.host.heard('/status')).toMatchObject({ sender: { id: 'telegram:-1009' } });
  });

  test('a live location that moves on, the own edits, and a service message are no edits', async () => {
    edit({ ...base(), location: { ...location, live_period: 900 }, edit_date: 5 });
    edit({ ...base(), from: at.stage.fake.world.bot, text: 'mine', edit_date: 5 });
    edit({ ...base(), text: '/new@other_bot', edit_date: 5 });
    at.stage.say(at.stage.direct, 'last');
    await at.host.heard('last');
    expect(at.host.events.filter(({ kind }) => kind !== 'service')).toHaveLength(1);
  });

  test('an edit that cannot be read is set aside as one, and taken in as one when it can be', async () => {
    const said = { ...base(), text: 'new words', edit_date: 5 };
    edit({ ...said, entities: [null] });
    for (const tries of [1, 2, 3]) {
      await at.host.until(() => at.host.unreadable.length >= tries);
      await at.stage.clock.advance(5000);
    }
    at.stage.say(at.stage.direct, 'behind it');
    await at.host.heard('behind it');
    const [unread] = at.host.unreadable;
    expect(unread).toMatchObject({
      platformMessageId: expect.stringMatching(/^edit:/),
      raw: { edited_message: { text: 'new words' } },
    });
    await at.stage.adapter.retake?.({ edited_message: said });
    expect(at.host.events.at(-1)).toMatchObject({ kind: 'edited', text: 'new words' });
  });

  test('a move that cannot be written down is told again', async () => {
    const moved = at.host.moved?.bind(at.host);
    let refusals = 1;
    at.host.moved = (chat) => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('the disk is full');
      moved?.(chat);
    };
    at.packets.send(at.stage.fake.world.direct, { migrate_to_chat_id: -1005 });
    await at.stage.fake.http.until(() => at.stage.fake.updates.open.length === 0);
    await at.stage.clock.advance(5000);
    await at.host.until(() => at.host.moves.length === 1);
  });
});
