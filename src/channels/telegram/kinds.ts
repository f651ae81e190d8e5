import { z } from 'zod';
import { cutAfter, listOf, maybe } from '../chat-sdk/lenient.js';

/** What a message may be besides words (core.telegram.org/bots/api#message). */
const words = z
  .string()
  .catch('')
  .transform((text) => cutAfter(LONGEST)(text));
const list = <T extends z.ZodType>(schema: T) => listOf(schema, MOST);

/** Of one name, question or description. */
const LONGEST = 1000;
/** Of the options of a poll and their like. */
const MOST = 100;

const personSchema = z.object({ first_name: words, last_name: words, username: words, title: words });
export const chatSchema = personSchema.extend({ id: z.number(), type: words });
export const userSchema = personSchema.extend({ id: z.number() });
type Person = z.infer<typeof personSchema>;

/** How people see a person, group or channel. */
export function nameOf({ title, first_name, last_name, username }: Person): string {
  return title || [first_name, last_name].filter(Boolean).join(' ') || username;
}

const kindsSchema = z.object({
  sticker: maybe(z.object({ emoji: words, set_name: words })),
  poll: maybe(
    z.object({
      question: words,
      description: words,
      options: list(z.object({ text: words, persistent_id: words })),
    }),
  ),
  checklist: maybe(
    z.object({
      title: words,
      tasks: list(z.object({ id: maybe(z.number()), text: words, completion_date: z.number().catch(0) })),
    }),
  ),
  venue: maybe(z.object({ title: words, address: words })),
  location: maybe(z.object({ latitude: z.number(), longitude: z.number(), live_period: maybe(z.number()) })),
  contact: maybe(personSchema.extend({ phone_number: words })),
  dice: maybe(z.object({ emoji: words, value: z.number() })),
  game: maybe(z.object({ title: words, description: words })),
  invoice: maybe(z.object({ title: words, description: words, currency: words, total_amount: z.number() })),
  story: maybe(z.object({ chat: maybe(chatSchema) })),
  gift: maybe(
    z.object({ text: words, gift: maybe(z.object({ sticker: maybe(z.object({ emoji: words })) })) }),
  ),
  unique_gift: maybe(z.object({ text: words, gift: maybe(z.object({ base_name: words })) })),
  giveaway: maybe(z.object({ prize_description: words, winner_count: maybe(z.number()) })),
  giveaway_winners: maybe(z.object({ prize_description: words, winners: list(personSchema) })),
  paid_media: maybe(z.object({ star_count: z.number(), paid_media: z.array(z.unknown()).catch([]) })),
});
export type Kinds = z.infer<typeof kindsSchema>;
export const kindsOf = (raw: unknown): Kinds => kindsSchema.catch({}).parse(raw);

const joined = (parts: readonly string[], between = ' – ') =>
  parts.filter((part) => part !== '').join(between);
const named = (kind: string, ...parts: string[]) => {
  const told = joined(parts);
  return told === '' ? `[${kind}]` : `[${kind}: ${told}]`;
};

/** What a message is that has no words; null: a file, or nothing that is known. */
export function placeholderOf(raw: unknown): string | null {
  const kinds = kindsOf(raw);
  const { sticker, poll, checklist, venue, location, contact, dice, game, invoice, story } = kinds;
  if (sticker) return `[sticker ${sticker.emoji || sticker.set_name}`.trimEnd().concat(']');
  if (poll) {
    const options = joined(
      poll.options.map(({ text }) => text),
      ' / ',
    );
    return named('poll', poll.question, poll.description, options);
  }
  if (checklist) {
    const tasks = checklist.tasks.map((task) => `${task.completion_date > 0 ? '☑' : '☐'} ${task.text}`);
    return named('checklist', checklist.title, tasks.join(' / '));
  }
  if (venue || location) {
    const live = location?.live_period === undefined ? '' : ' (live)';
    const at = location ? `${location.latitude}, ${location.longitude}${live}` : '';
    return named('place', joined([venue?.title ?? '', venue?.address ?? '', at], ', '));
  }
  if (contact) return named('contact', joined([nameOf(contact), contact.phone_number], ', '));
  if (dice) return `[dice ${dice.emoji} ${dice.value}]`;
  if (game) return named('game', game.title, game.description);
  if (invoice) return named('invoice', invoice.title, invoice.description, amountOf(invoice));
  if (story) return named('story', story.chat ? nameOf(story.chat) : '');
  return gifts(kinds);
}

function gifts({
  gift,
  unique_gift,
  giveaway,
  giveaway_winners: won,
  paid_media: paid,
}: Kinds): string | null {
  if (gift) return named('gift', gift.gift?.sticker?.emoji ?? '', gift.text);
  if (unique_gift) return named('gift', unique_gift.gift?.base_name ?? '', unique_gift.text);
  if (giveaway) {
    const winners = giveaway.winner_count === undefined ? '' : `${giveaway.winner_count} winners`;
    return named('giveaway', giveaway.prize_description, winners);
  }
  if (won)
    return named('giveaway that is over', won.prize_description, joined(won.winners.map(nameOf), ', '));
  if (paid) return named('paid media', `${paid.paid_media.length} for ${paid.star_count} stars`);
  return null;
}

/** Amounts are told in the smallest unit of their currency. */
function amountOf({ currency, total_amount: amount }: { currency: string; total_amount: number }): string {
  if (currency === 'XTR') return `${amount} stars`;
  try {
    const style = { style: 'currency', currency } as const;
    const digits = new Intl.NumberFormat('en', style).resolvedOptions().maximumFractionDigits ?? 2;
    return `${(amount / 10 ** digits).toFixed(digits)} ${currency}`;
  } catch {
    return `${amount} ${currency}`;
  }
}

/** What Telegram tells of a chat in the form of messages: nobody has said it. */
const SERVICE = new Set(
  `new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo group_chat_created
  supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id
  migrate_from_chat_id pinned_message successful_payment refunded_payment users_shared chat_shared
  connected_website write_access_allowed passport_data proximity_alert_triggered boost_added chat_background_set
  checklist_tasks_done checklist_tasks_added direct_message_price_changed forum_topic_created forum_topic_edited
  forum_topic_closed forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden giveaway_created
  giveaway_completed gift_upgrade_sent paid_message_price_changed suggested_post_approved
  suggested_post_approval_failed suggested_post_declined suggested_post_paid suggested_post_refunded
  video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited voice_chat_scheduled
  voice_chat_started voice_chat_ended voice_chat_participants_invited chat_owner_left chat_owner_changed
  community_chat_added community_chat_removed community_chat_joined managed_bot_created poll_option_added
  poll_option_deleted user_shared`.split(/\s+/),
);
/** How Telegram names what has happened: the kinds to come as well. */
const HAPPENED =
  /_(?:created|edited|closed|reopened|hidden|unhidden|added|removed|joined|left|changed|shared|allowed|triggered|set|started|ended|scheduled|invited|approved|declined|failed|paid|refunded|sent|completed|deleted|done|pinned|unpinned|upgraded|boosted)$/;

/** What every message may have, whatever it is. */
const COMMON = new Set(
  `message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot
  sender_tag date guest_query_id business_connection_id chat forward_origin is_topic_message is_automatic_forward
  reply_to_message external_reply quote reply_to_story reply_to_checklist_task_id reply_to_poll_option_id via_bot
  guest_bot_caller_user guest_bot_caller_chat edit_date has_protected_content is_from_offline is_paid_post
  media_group_id author_signature paid_star_count text entities link_preview_options suggested_post_info effect_id
  caption caption_entities show_caption_above_media has_media_spoiler reply_markup receiver_user
  ephemeral_message_id forward_from forward_from_chat forward_from_message_id forward_signature
  forward_sender_name forward_date animation audio document live_photo photo video video_note voice`.split(
    /\s+/,
  ),
);

const recordSchema = z.record(z.string(), z.unknown()).catch({});
const keysOf = (raw: unknown): string[] =>
  Object.entries(recordSchema.parse(raw)).flatMap(([key, value]) => (value === undefined ? [] : [key]));

/** The service message that this is; null: somebody says something. */
export function serviceOf(raw: unknown): string | null {
  const keys = keysOf(raw);
  const known = keys.find((key) => SERVICE.has(key));
  if (known || keys.includes('text') || keys.includes('caption')) return known ?? null;
  return keys.find((key) => !COMMON.has(key) && HAPPENED.test(key)) ?? null;
}

/** The kind of a message that nothing else is known of, by the name that Telegram has for it. */
export const unknownKindOf = (raw: unknown): string | null =>
  keysOf(raw).find((key) => !COMMON.has(key)) ?? null;
