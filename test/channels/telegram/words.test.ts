import { describe, expect, test } from 'vitest';
import { useTelegram } from './use.js';
import { BOB, calling, photo } from './words.js';

const at = useTelegram();
const quotedOf = async (fields: object) => (await at.eventOf(fields)).quoted;
const location = { latitude: 52.5, longitude: 13.4 };
const file = (name: string) => ({ file_id: name, file_unique_id: `u${name}`, file_size: 4 });

describe('a message without words', () => {
  // core.telegram.org/bots/api#message, each by the type that its field names
  test.each<[string, object]>([
    ['[sticker 👍]', { sticker: { ...file('s'), emoji: '👍' } }],
    ['[sticker thumbs]', { sticker: { ...file('s'), set_name: 'thumbs' } }],
    ['[sticker]', { sticker: file('s') }],
    [
      '[poll: Lunch? – Pizza / Salad]',
      { poll: { question: 'Lunch?', options: [{ text: 'Pizza' }, { text: 'Salad' }] } },
    ],
    [
      '[checklist: Shopping – ☑ milk / ☐ eggs]',
      {
        checklist: {
          title: 'Shopping',
          tasks: [
            { id: 1, text: 'milk', completion_date: 5 },
            { id: 2, text: 'eggs' },
          ],
        },
      },
    ],
    [
      '[place: Café, 1 Main Street, 52.5, 13.4]',
      { location, venue: { location, title: 'Café', address: '1 Main Street' } },
    ],
    ['[place: 52.5, 13.4]', { location }],
    ['[place: 52.5, 13.4 (live)]', { location: { ...location, live_period: 900 } }],
    [
      '[contact: Zoe Doe, +4930123]',
      { contact: { first_name: 'Zoe', last_name: 'Doe', phone_number: '+4930123' } },
    ],
    ['[dice 🎲 4]', { dice: { emoji: '🎲', value: 4 } }],
    ['[game: Chess – Play it]', { game: { title: 'Chess', description: 'Play it', photo: photo('g') } }],
    [
      '[invoice: Tea – A cup – 1.45 USD]',
      { invoice: { title: 'Tea', description: 'A cup', currency: 'USD', total_amount: 145 } },
    ],
    ['[invoice: Tea – 5 stars]', { invoice: { title: 'Tea', currency: 'XTR', total_amount: 5 } }],
    ['[invoice: Tea – 500 JPY]', { invoice: { title: 'Tea', currency: 'JPY', total_amount: 500 } }],
    ['[invoice: Tea – 5 ?]', { invoice: { title: 'Tea', currency: '?', total_amount: 5 } }],
    ['[story: Bob]', { story: { id: 1, chat: { id: 77, type: 'private', first_name: 'Bob' } } }],
    [
      '[gift: 🎁 – Happy birthday]',
      { gift: { gift: { id: '1', sticker: { emoji: '🎁' } }, text: 'Happy birthday' } },
    ],
    ['[gift: Plush Pepe]', { unique_gift: { gift: { base_name: 'Plush Pepe', number: 1 } } }],
    ['[giveaway: A book – 3 winners]', { giveaway: { prize_description: 'A book', winner_count: 3 } }],
    [
      '[giveaway that is over: A book – Zed]',
      { giveaway_winners: { prize_description: 'A book', winners: [{ id: 1, first_name: 'Zed' }] } },
    ],
    [
      '[paid media: 1 for 5 stars]',
      { paid_media: { star_count: 5, paid_media: [{ type: 'preview', width: 5 }] } },
    ],
    ['[form] Choose: tomorrow', { web_app_data: { data: 'tomorrow', button_text: 'Choose' } }],
    ['[a message of a kind that cannot be shown here: hologram]', { hologram: { file_id: 'h' } }],
    ['[poll]', { poll: 'not as documented' }],
  ])('is told as %s', async (text, fields) => {
    const expected = text === '[poll]' ? '[a message of a kind that cannot be shown here: poll]' : text;
    expect(await at.eventOf(fields)).toMatchObject({ kind: 'message', text: expected, mentioned: false });
  });

  test.each<[string, object, number]>([
    ['photo', { photo: photo('p') }, 1],
    ['video', { video: file('v') }, 1],
    ['audio', { audio: file('a') }, 1],
    ['voice', { voice: file('v') }, 1],
    ['document', { document: file('d') }, 1],
    ['video_note', { video_note: { ...file('n'), length: 240 } }, 1],
    ['animation', { animation: file('a'), document: file('a') }, 1],
    ['live_photo', { photo: photo('p'), live_photo: { ...file('l'), mime_type: 'video/mp4' } }, 2],
    [
      'paid_media',
      {
        paid_media: {
          star_count: 1,
          paid_media: [
            { type: 'photo', photo: photo('p') },
            { type: 'video', video: file('v') },
          ],
        },
      },
      2,
    ],
  ])('is its file: %s', async (kind, fields, count) => {
    const event = await at.eventOf(fields);
    expect(event.attachments).toHaveLength(count);
    expect(event.text).toBe(kind === 'paid_media' ? '[paid media: 2 for 1 stars]' : '');
  });

  test('a caption is its words, and huge fields are cut', async () => {
    expect(await at.eventOf({ photo: photo('p'), caption: 'my cat' })).toMatchObject({ text: 'my cat' });
    const options = Array.from({ length: 5000 }, () => ({ text: 'x'.repeat(5000) }));
    const { text } = await at.eventOf({ poll: { question: 'y'.repeat(100_000), options } });
    expect(text.length).toBeLessThan(200_000);
  });
});

describe('words', () => {
  test('entities are Markdown, also in each other', async () => {
    const text = 'bold and link\ncode\nquoted\nlines';
    const entities = [
      { type: 'text_link', offset: 0, length: 13, url: 'https://example.com' },
      { type: 'bold', offset: 0, length: 4 },
      { type: 'pre', offset: 14, length: 4, language: 'ts' },
      { type: 'blockquote', offset: 19, length: 12 },
    ];
    const event = await at.eventOf({ text, entities });
    expect(event.text).toBe('[**bold** and link](https://example.com)\n```ts\ncode\n```\n> quoted\n> lines');
  });

  test('a rich message is its blocks', async () => {
    const blocks = [
      { type: 'heading', size: 2, text: 'Title' },
      { type: 'paragraph', text: ['see ', { type: 'url', text: 'here', url: 'https://example.com' }] },
      { type: 'list', items: [{ label: '1.', blocks: [{ type: 'paragraph', text: 'one' }] }] },
      { type: 'blockquote', blocks: [{ type: 'paragraph', text: 'said' }] },
      { type: 'table', cells: [[{ text: 'a' }, { text: 'b' }]] },
      { type: 'pre', text: 'x = 1', language: 'py' },
    ];
    expect((await at.eventOf({ rich_message: { blocks } })).text).toBe(
      '## Title\n\nsee [here](https://example.com)\n\n1. one\n\n> said\n\n| a | b |\n\n```py\nx = 1\n```',
    );
  });

  test('a rich message that calls the bot calls it', async () => {
    const text = [{ type: 'mention', text: '@wharfie_bot', username: 'wharfie_bot' }, ' hello'];
    const event = await at.eventOf({ rich_message: { blocks: [{ type: 'paragraph', text }] } });
    expect(event).toMatchObject({ mentioned: true, text: '@wharfie_bot hello' });
  });

  test.each([
    ['a mention', calling, true],
    ['a name without an entity', () => ({ text: 'ask @Wharfie_Bot about it' }), true],
    [
      'a name behind a sign that other programs take for a quote',
      () => ({ text: '> @wharfie_bot hello' }),
      true,
    ],
    ['an address of mail', () => ({ text: 'write to x@wharfie_bot please' }), false],
    ['a part of another name', () => ({ text: 'ask @wharfie_bot2 about it' }), false],
    [
      'a mention by id',
      () => ({
        text: 'Wharfie, hello',
        entities: [{ type: 'text_mention', offset: 0, length: 7, user: { id: 7_000_000_001 } }],
      }),
      true,
    ],
    ['a command for this bot', () => ({ text: '/status@wharfie_bot' }), true],
    [
      'forwarded words',
      () => ({
        ...calling(at.stage.fake, 'hi'),
        forward_origin: { type: 'hidden_user', sender_user_name: 'M', date: 1 },
      }),
      false,
    ],
  ])('%s', async (_, fields, mentioned) => {
    expect(await at.eventOf(fields(at.stage.fake, 'hi'))).toMatchObject({ kind: 'message', mentioned });
  });
});

describe('what is answered', () => {
  const said = (fields: object, from = BOB) => at.packets.message(at.stage.fake.world.family, fields, from);

  test('a message that has files and no words comes with its files', async () => {
    const quoted = await quotedOf({
      ...calling(at.stage.fake, 'this?'),
      reply_to_message: said({ photo: photo('p') }),
    });
    expect(quoted).toMatchObject({
      text: '[photo]',
      from: 'Bob',
      files: [{ name: 'image', mimeType: 'image/jpeg' }],
    });
  });

  test.each<[string, object]>([
    ['[sticker 👍]', { sticker: { ...file('s'), emoji: '👍' } }],
    ['[poll: Lunch? – Pizza]', { poll: { question: 'Lunch?', options: [{ text: 'Pizza' }] } }],
    ['**bold** words', { text: 'bold words', entities: [{ type: 'bold', offset: 0, length: 4 }] }],
    ['[service message: new chat title]', { new_chat_title: 'X' }],
    ['the caption', { photo: photo('p'), caption: 'the caption' }],
    ['[voice message]', { voice: file('v') }],
    ['[file: plan.pdf]', { document: { ...file('d'), file_name: 'plan.pdf' } }],
    ['[animation]', { animation: file('a'), document: file('a') }],
    ['[a message that Telegram does not show]', { date: 0 }],
  ])('is told as %s', async (text, fields) => {
    expect(await quotedOf({ text: 'x', reply_to_message: said(fields) })).toMatchObject({
      text,
      partial: false,
    });
  });

  test('words that Telegram cut out by itself are no marked part', async () => {
    const quote = { text: 'some', position: 0 };
    const quoted = await quotedOf({ text: 'x', reply_to_message: said({ text: 'some words' }), quote });
    expect(quoted).toMatchObject({ text: 'some words', partial: false });
  });

  test('words that were forwarded are those of their origin', async () => {
    const forward_origin = { type: 'user', sender_user: { id: 9, first_name: 'Mallory' }, date: 1 };
    const quoted = await quotedOf({ text: 'x', reply_to_message: said({ text: 'pay', forward_origin }) });
    expect(quoted).toMatchObject({ text: 'pay', from: 'Mallory, forwarded by Bob' });
  });

  test('one task of a checklist, or one option of a poll', async () => {
    const checklist = {
      title: 'Shopping',
      tasks: [
        { id: 1, text: 'milk' },
        { id: 2, text: 'eggs' },
      ],
    };
    expect(
      await quotedOf({ text: 'x', reply_to_message: said({ checklist }), reply_to_checklist_task_id: 2 }),
    ).toMatchObject({ text: 'eggs', partial: true });
    const poll = {
      question: 'Lunch?',
      options: [
        { text: 'Pizza', persistent_id: 'a' },
        { text: 'Soup', persistent_id: 'b' },
      ],
    };
    expect(
      await quotedOf({ text: 'x', reply_to_message: said({ poll }), reply_to_poll_option_id: 'b' }),
    ).toMatchObject({ text: 'Soup', partial: true });
  });

  // core.telegram.org/bots/api#externalreplyinfo
  test('a message of another chat, as far as Telegram hands it over', async () => {
    const origin = { type: 'hidden_user', sender_user_name: 'Carol', date: 1 };
    const chat = { id: -100_5, type: 'supergroup', title: 'Elsewhere' };
    const external_reply = { origin, chat, message_id: 3 };
    expect(await quotedOf({ text: 'x', external_reply })).toMatchObject({
      text: '[a message of another chat, whose words Telegram does not hand over]',
      from: 'Carol in Elsewhere',
      messageId: null,
    });
    const quote = { text: 'only this', position: 0, is_manual: true };
    expect(await quotedOf({ text: 'x', external_reply, quote })).toMatchObject({
      text: 'only this',
      partial: true,
    });
    expect(await quotedOf({ text: 'x', external_reply: { origin, photo: photo('p') } })).toMatchObject({
      text: '[photo]',
      from: 'Carol',
      files: [{ name: 'image' }],
    });
    const here = { origin, chat: at.stage.fake.world.family, message_id: 3 };
    expect(await quotedOf({ text: 'x', external_reply: here })).toMatchObject({
      messageId: `${at.stage.fake.world.family.id}:3`,
      from: 'Carol',
    });
  });

  test('a story', async () => {
    const reply_to_story = { id: 1, chat: { id: 77, type: 'private', first_name: 'Bob' } };
    expect(await quotedOf({ text: 'x', reply_to_story })).toMatchObject({ text: '[story]', from: 'Bob' });
  });

  test('the message that made a topic is none; the topic has a name all the same where one has been told', async () => {
    const made = said({ forum_topic_created: { name: 'Trips', icon_color: 1 }, is_topic_message: true });
    const topic = { message_thread_id: made.message_id, is_topic_message: true };
    const first = await at.eventOf({ text: 'x', ...topic, reply_to_message: { ...made, ...topic } });
    expect(first).toMatchObject({ replyTo: null, threadId: String(made.message_id) });
    expect(first.quoted).toBeUndefined();
    await at.eventOf({ forum_topic_edited: { name: 'Travels' }, ...topic });
    const answer = await at.eventOf({
      text: 'y',
      ...topic,
      reply_to_message: said({ text: 'words', ...topic }),
    });
    expect(answer.quoted).toMatchObject({ text: 'words' });
    expect(await answer.root?.()).toMatchObject({ text: '[topic: Travels]', from: 'Bob' });
  });
});
