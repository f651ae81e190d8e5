import type { FakeChat, FakeTelegram, FakeUser } from '../../fakes/telegram.js';
import type { Words } from '../contract/words.js';

export const BOB: FakeUser = { id: 77, is_bot: false, first_name: 'Bob' };
/** Who Telegram says has sent what is said in the name of a chat (core.telegram.org/bots/api#message, `from`). */
export const ANONYMOUS: FakeUser = { id: 1_087_968_824, is_bot: true, first_name: 'Group' };

/** A photo in its sizes (core.telegram.org/bots/api#photosize). */
export const photo = (id: string) => [
  { file_id: id, file_unique_id: `u${id}`, width: 900, height: 900, file_size: 4 },
];

/** Messages as core.telegram.org/bots/api#message has them. */
export function createPackets({ world, updates }: FakeTelegram) {
  const message = (chat: FakeChat, fields: object, from: FakeUser = world.ada) => ({
    message_id: world.nextId(),
    date: 1_796_068_340,
    chat,
    from,
    ...fields,
  });
  return {
    message,
    send(chat: FakeChat, fields: object, from?: FakeUser) {
      const sent = message(chat, fields, from);
      updates.push({ message: sent });
      return sent;
    },
  };
}

/** A text that calls the bot, with the entity that says so. */
export function calling({ world }: FakeTelegram, text: string) {
  const name = `@${world.bot.username}`;
  return { text: `${name} ${text}`, entities: [{ type: 'mention', offset: 0, length: name.length }] };
}

export function telegramWords(fake: FakeTelegram): Words {
  const { world, updates } = fake;
  const { message, send } = createPackets(fake);
  const { family, direct } = world;
  const asks = (text: string) => calling(fake, text);
  return {
    // core.telegram.org/bots/api#message, reply_to_message
    answers: (asked, quoted) =>
      void send(family, { ...asks(asked), reply_to_message: message(family, { text: quoted }, BOB) }),
    // core.telegram.org/bots/api#textquote
    answersPart: (asked, part) =>
      void send(family, {
        ...asks(asked),
        reply_to_message: message(family, { text: `before ${part} and after` }, BOB),
        quote: { text: part, position: 7, is_manual: true },
      }),
    // core.telegram.org/bots/api#messageoriginhiddenuser
    forwards: (text, origin) =>
      void send(direct, {
        text,
        forward_origin: { type: 'hidden_user', sender_user_name: origin, date: 1_796_000_000 },
      }),
    // core.telegram.org/bots/api#forumtopiccreated
    asksInThread(asked, root) {
      const forum_topic_created = { name: root, icon_color: 7_322_096 };
      const made = message(family, { forum_topic_created, is_topic_message: true }, BOB);
      const topic = { message_thread_id: made.message_id, is_topic_message: true };
      send(family, { ...asks(asked), ...topic, reply_to_message: { ...made, ...topic } });
    },
    // core.telegram.org/bots/api#message, media_group_id
    album(caption) {
      send(direct, { media_group_id: 'g5', photo: photo('a5'), caption });
      send(direct, { media_group_id: 'g5', photo: photo('b5') });
    },
    // core.telegram.org/bots/api#sticker
    sticker: () =>
      void send(direct, {
        sticker: { file_id: 's1', file_unique_id: 'us1', type: 'regular', emoji: '👍', set_name: 'thumbs' },
      }),
    // core.telegram.org/bots/api#poll
    poll: (question, options) =>
      void send(direct, {
        poll: { id: '1', question, options: options.map((text) => ({ text, voter_count: 0 })) },
      }),
    // core.telegram.org/bots/api#venue
    place(title, latitude, longitude) {
      const location = { latitude, longitude };
      send(direct, { location, venue: { location, title, address: '1 Main Street' } });
    },
    // core.telegram.org/bots/api#contact
    contact: (first_name, phone_number) => void send(direct, { contact: { first_name, phone_number } }),
    // core.telegram.org/bots/api#webappdata
    form: (data) => void send(direct, { web_app_data: { data, button_text: 'Choose a time' } }),
    // core.telegram.org/bots/api#richblockparagraph
    wordsInBlocks: (text) =>
      void send(direct, {
        rich_message: { blocks: [{ type: 'paragraph', text: ['', { type: 'bold', text }] }] },
      }),
    service() {
      const told = serviceMessages(message(direct, { text: 'x' }));
      for (const one of told) send(direct, one);
      return told.length;
    },
    // core.telegram.org/bots/api#update, edited_message
    edits(before, after) {
      const sent = send(direct, { text: before });
      updates.push({ edited_message: { ...sent, text: after, edit_date: sent.date + 5 } });
    },
    touches(text) {
      const sent = send(direct, { text });
      updates.push({ edited_message: { ...sent, edit_date: sent.date + 5 } });
    },
    // core.telegram.org/bots/api#message, new_chat_title
    renames(name, text) {
      const chat = { ...family, title: name };
      send(chat, { new_chat_title: name });
      send(chat, asks(text));
    },
    // core.telegram.org/bots/api#message, migrate_to_chat_id, migrate_from_chat_id
    moves() {
      const group: FakeChat = { id: -4_518_810_793, type: 'supergroup', title: 'Old Group' };
      const to = -1_002_471_352_452;
      send(group, { migrate_to_chat_id: to });
      send({ ...group, id: to }, { migrate_from_chat_id: group.id }, ANONYMOUS);
      return { from: `telegram:${group.id}`, to: `telegram:${to}` };
    },
    commandOfAnother() {
      const entities = [{ type: 'bot_command', offset: 0, length: 14 }];
      for (const chat of [family, direct]) send(chat, { text: '/new@other_bot', entities });
    },
    // core.telegram.org/bots/api#message, sender_chat
    anonymous: (text) => void send(family, { ...asks(text), sender_chat: family }, ANONYMOUS),
    // Code and what others said call nobody, and the address behind a link is not seen.
    hiddenMention(text) {
      const name = `@${world.bot.username}`;
      const said = `${name} here ${name} ${text}`;
      const { length } = name;
      send(family, {
        text: said,
        entities: [
          { type: 'code', offset: 0, length },
          { type: 'text_link', offset: length + 1, length: 4, url: `https://example.com/?${name}` },
          { type: 'blockquote', offset: length + 6, length },
        ],
      });
    },
  };
}

/** All that Telegram tells in the form of messages (core.telegram.org/bots/api#message, "Service message"). */
export function serviceMessages(pinned_message: object): Record<string, unknown>[] {
  const user = { id: 88, is_bot: false, first_name: 'Zed' };
  return [
    { pinned_message },
    { new_chat_members: [user] },
    { left_chat_member: user },
    { new_chat_title: 'Another' },
    { new_chat_photo: photo('p') },
    { delete_chat_photo: true },
    { group_chat_created: true },
    { message_auto_delete_timer_changed: { message_auto_delete_time: 86_400 } },
    { successful_payment: { currency: 'XTR', total_amount: 5, invoice_payload: 'x' } },
    { refunded_payment: { currency: 'XTR', total_amount: 5, invoice_payload: 'x' } },
    { users_shared: { request_id: 1, users: [{ user_id: 88 }] } },
    { chat_shared: { request_id: 1, chat_id: -100_1 } },
    { connected_website: 'example.com' },
    { write_access_allowed: { from_request: true } },
    { proximity_alert_triggered: { traveler: user, watcher: user, distance: 5 } },
    { boost_added: { boost_count: 1 } },
    { chat_background_set: { type: { type: 'chat_theme', theme_name: 'x' } } },
    { checklist_tasks_done: { marked_as_done_task_ids: [1] } },
    { checklist_tasks_added: { tasks: [{ id: 2, text: 'milk' }] } },
    { forum_topic_created: { name: 'Trips', icon_color: 1 } },
    { forum_topic_edited: { name: 'Travels' } },
    { forum_topic_closed: {} },
    { forum_topic_reopened: {} },
    { general_forum_topic_hidden: {} },
    { general_forum_topic_unhidden: {} },
    { giveaway_created: {} },
    { giveaway_completed: { winner_count: 1 } },
    { gift_upgrade_sent: { gift: { id: '1' } } },
    { paid_message_price_changed: { paid_message_star_count: 5 } },
    { direct_message_price_changed: { are_direct_messages_enabled: true } },
    { suggested_post_approved: { send_date: 1 } },
    { suggested_post_declined: { comment: 'no' } },
    { video_chat_scheduled: { start_date: 1 } },
    { video_chat_started: {} },
    { video_chat_ended: { duration: 5 } },
    { video_chat_participants_invited: { users: [user] } },
    { chat_owner_changed: { new_owner: user } },
    { poll_option_added: { option_text: 'Soup' } },
    // None of today's: told by how it is named.
    { secret_garden_opened_and_closed: {} },
  ];
}
