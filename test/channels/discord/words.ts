import type { FakeDiscord, FakeUser } from '../../fakes/discord.js';
import type { Words } from '../contract/words.js';

export const robot: FakeUser = { id: '1100000000000000999', username: 'robot', global_name: null, bot: true };

/** Kinds of messages as docs.discord.com/developers/resources/message has them. */
export function discordWords(fake: FakeDiscord): Words {
  const { general, direct, ada, bob, bot, role } = fake.world;
  const edited_timestamp = '2026-12-01T12:00:00.000000+00:00';
  return {
    answers(asked, quoted) {
      const replyTo = fake.say(general, quoted, { from: bob, unheard: true });
      fake.say(general, asked, { mention: true, replyTo });
    },
    // #message-reference-types and #message-snapshot-object
    forwards: (text) =>
      fake.post(direct, {
        message_reference: { type: 1, message_id: '1', channel_id: general.id, guild_id: general.guild_id },
        message_snapshots: [
          {
            message: {
              ...{ type: 0, content: text, mentions: [], mention_roles: [], attachments: [], embeds: [] },
              ...{
                timestamp: '2026-11-30T10:00:00.000000+00:00',
                edited_timestamp: null,
                flags: 0,
                components: [],
              },
            },
          },
        ],
      }),
    // docs.discord.com/developers/topics/threads
    asksInThread(asked, root) {
      const starter = fake.say(general, root, { from: bob, unheard: true });
      fake.say(fake.thread(general, 'aside', starter), asked, { mention: true });
    },
    album: (caption) =>
      fake.say(direct, caption, {
        files: ['a.png', 'b.png'].map((name) => ({ name, data: Buffer.from(name) })),
      }),
    // docs.discord.com/developers/resources/sticker#sticker-item-object
    sticker: () => fake.post(direct, { sticker_items: [{ id: '7', name: 'Wave', format_type: 1 }] }),
    // docs.discord.com/developers/resources/poll#poll-object
    poll: (question, options) =>
      fake.post(direct, {
        poll: {
          question: { text: question },
          answers: options.map((text, at) => ({ answer_id: at + 1, poll_media: { text } })),
          ...{ expiry: '2026-12-02T12:00:00Z', allow_multiselect: false, layout_type: 1 },
        },
      }),
    // docs.discord.com/developers/components/reference#text-display
    wordsInBlocks: (text) =>
      fake.post(
        direct,
        {
          flags: 1 << 15,
          components: [{ type: 17, id: 1, components: [{ type: 10, id: 2, content: text }] }],
        },
        robot,
      ),
    // #message-object-message-types: all that is the platform's own.
    service() {
      const types = [
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 21, 22, 24, 25, 26, 27, 28, 29],
        ...[31, 32, 36, 37, 38, 39, 44, 46, 99],
      ];
      const pinned = fake.say(direct, 'pinned', { unheard: true });
      for (const type of types) {
        const content = [4, 18].includes(type) ? 'a new name' : '';
        fake.post(direct, { type, content, ...(type === 21 ? { referenced_message: pinned } : {}) });
      }
      return types.length;
    },
    // docs.discord.com/developers/events/gateway-events#message-update
    edits: (before, after) => fake.update(fake.say(direct, before), { content: after, edited_timestamp }),
    touches(text) {
      const message = fake.say(direct, text);
      fake.update(message, { embeds: [{ type: 'link', url: 'https://e.example', title: 'A page' }] });
      fake.update(message, { pinned: true });
    },
    deletes: (text) => fake.delete(fake.say(direct, text)),
    renames(name, text) {
      fake.rename(general, name);
      fake.say(general, text);
    },
    // The list of mentions has it all the same.
    hiddenMention: (text) => fake.post(general, { content: `\`<@${bot.id}>\` ${text}`, mentions: [bot] }),
    // docs.discord.com/developers/reference#message-formatting
    idsForNames() {
      const content = `<@${ada.id}> <@!${bob.id}> <@&${role.id}> <#${general.id}> <t:1796068800:R> <:parrot:7> </ask me:9>`;
      fake.post(general, { content, mentions: [ada, bob], mention_roles: [role.id] });
      return { shown: '@Ada @Bob @crew #general 2026-11-30T20:00:00Z :parrot: /ask me' };
    },
  };
}
