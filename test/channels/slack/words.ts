import type { FakeSlack } from '../../fakes/slack.js';
import type { Words } from '../contract/words.js';

/** A message that is shared: what Slack attaches to the one that shares it. */
export function shareOf({ world }: FakeSlack, text: string, from: { id: string; real_name: string }) {
  const channel = world.nextId('C');
  const elements = [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }];
  return {
    ...{
      ts: '1796068000.000100',
      channel_id: channel,
      channel_team: 'T0FAKE',
      is_msg_unfurl: true,
      is_share: true,
    },
    ...{
      author_id: from.id,
      author_name: from.real_name,
      fallback: `[November 30th] ${from.real_name}: ${text}`,
    },
    message_blocks: [
      {
        team: 'T0FAKE',
        channel,
        ts: '1796068000.000100',
        message: { blocks: [{ type: 'rich_text', elements }] },
      },
    ],
    ...{ id: 1, color: 'D0D0D0', text, mrkdwn_in: ['text'], footer: 'Posted in #elsewhere' },
    from_url: `https://fake.slack.com/archives/${channel}/p1796068000000100`,
  };
}

/** docs.slack.dev/reference/events/message#subtypes, without what people say and what becomes of a message. */
export const SERVICE = [
  ...['channel_archive', 'channel_join', 'channel_leave', 'channel_name', 'channel_posting_permissions'],
  ...[
    'channel_purpose',
    'channel_topic',
    'channel_unarchive',
    'channel_convert_to_private',
    'ekm_access_denied',
  ],
  ...[
    'group_archive',
    'group_join',
    'group_leave',
    'group_name',
    'group_purpose',
    'group_topic',
    'group_unarchive',
  ],
  ...['pinned_item', 'unpinned_item', 'reminder_add', 'bot_add', 'bot_remove', 'bot_enable', 'bot_disable'],
  ...[
    'document_mention',
    'huddle_thread',
    'sh_room_created',
    'assistant_app_thread',
    'file_comment',
    'file_mention',
  ],
  ...['message_replied', 'channel_canvas_updated', 'of_a_later_time'],
];

/** Messages as docs.slack.dev/reference/events/message and docs.slack.dev/reference/block-kit/blocks have them. */
export function slackWords(fake: FakeSlack): Words {
  const { general, direct, ada, bob, bot, robot } = fake.world;
  const editedAt = (ts: string) => ({ edited: { user: ada.id, ts } });
  return {
    answers: (asked, quoted) =>
      fake.post(general, { text: `<@${bot.id}> ${asked}`, attachments: [shareOf(fake, quoted, bob)] }),
    forwards: (text) => fake.post(direct, { attachments: [shareOf(fake, text, bob)] }),
    asksInThread(asked, root) {
      const { ts } = fake.say(general, root, { from: bob, unheard: true });
      fake.say(general, asked, { thread: ts, mention: true });
    },
    album: (caption) =>
      fake.say(direct, caption, {
        files: ['a.png', 'b.png'].map((name) => ({ name, data: Buffer.from(name) })),
      }),
    // A workflow says what somebody filled in.
    form: (answer) =>
      fake.post(
        direct,
        {
          ...{ subtype: 'bot_message', bot_id: robot.bot_id, username: 'Requests', text: 'A new request' },
          blocks: [
            { type: 'header', text: { type: 'plain_text', text: 'A new request' } },
            {
              type: 'section',
              fields: [
                { type: 'mrkdwn', text: '*When?*' },
                { type: 'mrkdwn', text: answer },
              ],
            },
          ],
        },
        robot,
      ),
    wordsInBlocks: (text) =>
      fake.post(direct, {
        blocks: [
          {
            type: 'rich_text',
            elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
          },
        ],
      }),
    service() {
      for (const subtype of SERVICE) {
        fake.post(general, {
          subtype,
          text: `<@${ada.id}> did something`,
          ...(subtype.endsWith('_name') ? { name: 'x' } : {}),
        });
      }
      return SERVICE.length;
    },
    edits: (before, after) =>
      fake.change(fake.say(direct, before), { text: after, ...editedAt('1796068999.000000') }),
    touches(text) {
      const message = fake.say(direct, text);
      const page = {
        id: 1,
        title: 'A page',
        from_url: 'https://e.example',
        service_name: 'E',
        fallback: 'E: A page',
      };
      fake.change(message, { attachments: [page] });
      fake.react(message, ada, 'eyes');
    },
    deletes: (text) => fake.delete(fake.say(direct, text)),
    // docs.slack.dev/reference/events/channel_rename
    renames(name, text) {
      fake.say(general, 'before');
      fake.event({ type: 'channel_rename', channel: { id: general, name, created: 1796068000 } });
      fake.say(general, text);
    },
    // docs.slack.dev/reference/events/channel_id_changed
    moves() {
      const ids = { old_channel_id: 'G012Y48650T', new_channel_id: 'C012Y48650T' };
      fake.event({ type: 'channel_id_changed', ...ids, event_ts: '1796068000.000000' });
      return { from: `slack:${ids.old_channel_id}`, to: `slack:${ids.new_channel_id}` };
    },
    hiddenMention(text) {
      const said = fake.say(general, `\`<@${bot.id}>\` ${text}`);
      fake.event({ ...said, type: 'app_mention', channel_type: 'channel' });
    },
    // docs.slack.dev/messaging/formatting-message-text
    idsForNames() {
      const text = [
        ...[`<@${ada.id}>`, '<!here>', '<!subteam^S01|@crew>', `<#${general}>`, '<#C99999999|random>'],
        ...[
          '<!date^1796068800^{date}|November 30th>',
          '1 &lt; 2 &amp;&amp; 3 &gt; 2',
          '<mailto:a@e.example|a@e.example>',
        ],
      ];
      fake.say(general, text.join(' '));
      return { shown: '@Ada @here @crew #general #random November 30th 1 < 2 && 3 > 2 a@e.example' };
    },
  };
}

// docs.slack.dev/reference/block-kit/blocks/rich-text-block
export const section = (...elements: object[]) => ({ type: 'rich_text_section', elements });
export const rich = (...elements: object[]) => [{ type: 'rich_text', elements }];
export const text = (words: string, style?: object) => ({
  type: 'text',
  text: words,
  ...(style ? { style } : {}),
});
