import { describe, expect, test } from 'vitest';
import type { InboundEvent } from '../../../../src/channels/adapter.js';
import { useStage } from '../../../channels/contract/use-stage.js';
import { robot } from '../../../channels/discord/words.js';
import { openDiscord } from '../../../channels/discord.js';

const at = useStage(openDiscord);
const general = () => at.stage.fake.world.general;
const events = (kind: string) => at.host.events.filter((event) => event.kind === kind);
/** Everything that came before now. */
async function settled() {
  at.stage.fake.say(general(), 'and that was all');
  await at.host.heard('and that was all');
  return at.host.events.filter(({ text }) => !text.includes('and that was all'));
}

describe('what becomes of a message', () => {
  const edited = { edited_timestamp: '2026-12-01T12:00:00.000000+00:00' };

  test('an edit that is told twice, and then with a preview, is the same edit', async () => {
    const message = at.stage.fake.say(general(), 'old');
    at.stage.fake.update(message, { ...edited, content: 'new' });
    at.stage.fake.update(message, { embeds: [{ type: 'link', title: 'A page' }] });
    await settled();
    const ids = events('edited').map(({ messageId, text }) => `${messageId} ${text}`);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(new RegExp(`^edit:${message.id}:.* new$`));
  });

  test('what Discord finds about a message is no edit', async () => {
    const message = at.stage.fake.say(general(), 'see https://e.example');
    at.stage.fake.update(message, { embeds: [{ type: 'link', title: 'A page' }] });
    at.stage.fake.update(message, { pinned: true });
    await settled();
    expect(events('edited')).toEqual([]);
  });

  test('the notice of a thread is not the message that it began with', async () => {
    const referenced_message = at.stage.fake.say(general(), 'it began here', { unheard: true });
    const notice = at.stage.fake.post(general(), { type: 21, referenced_message });
    at.stage.fake.gateway.dispatch('MESSAGE_CREATE', {
      ...referenced_message,
      guild_id: at.stage.fake.world.guildId,
    });
    const told = await settled();
    expect(told.map(({ kind, messageId }) => [kind, messageId])).toEqual([
      ['service', notice.id],
      ['message', referenced_message.id],
    ]);
  });

  test('a part of a packet, and what the bot changes itself, are no edits', async () => {
    const { id, channel_id } = at.stage.fake.say(general(), 'old');
    at.stage.fake.gateway.dispatch('MESSAGE_UPDATE', { id, channel_id, ...edited });
    at.stage.fake.gateway.dispatch('MESSAGE_UPDATE', { id, channel_id, content: 'x', ...edited });
    at.stage.fake.update(at.stage.fake.post(general(), { content: 'mine' }, at.stage.fake.world.bot), {
      ...edited,
      content: 'y',
    });
    await settled();
    expect(events('edited')).toEqual([]);
  });

  test('many at once are deleted one by one, each as its author', async () => {
    const messages = ['one', 'two'].map((text) => at.stage.fake.say(general(), text));
    at.stage.fake.delete(...messages);
    await settled();
    expect(events('deleted').map(({ replyTo, sender }) => [replyTo, sender.name])).toEqual(
      messages.map(({ id }) => [id, 'Ada']),
    );
  });

  test('the bot hears nothing of its own messages', async () => {
    at.stage.fake.delete(at.stage.fake.post(general(), { content: 'mine' }, at.stage.fake.world.bot));
    await settled();
    expect(at.host.events.map(({ text }) => text)).toEqual(['and that was all']);
  });

  test('an app that thinks says nothing until it has words', async () => {
    const answer = at.stage.fake.post(general(), { type: 20, flags: 1 << 7 }, robot);
    at.stage.fake.update(answer, { flags: 0, content: 'forty-two' });
    const told = await settled();
    expect(told).toMatchObject([{ kind: 'message', text: 'forty-two', messageId: answer.id }]);
  });
});

test('a mention in code calls nobody, one beside it does', async () => {
  const { bot } = at.stage.fake.world;
  const post = (content: string) => at.stage.fake.post(general(), { content, mentions: [bot] });
  post(`\`\`\`\n<@${bot.id}>\n\`\`\` first`);
  post(`\`<@${bot.id}>\` <@${bot.id}> second`);
  const told = await settled();
  expect(told.map(({ mentioned }) => mentioned)).toEqual([false, true]);
});

test('the history gives what the gateway gives', async () => {
  const { fake } = at.stage;
  const first = fake.say(general(), 'before');
  const answered = fake.say(general(), 'the earth is flat', { from: fake.world.bob });
  fake.say(general(), 'is it?', { replyTo: answered });
  fake.post(general(), { sticker_items: [{ id: '1', name: 'Wave' }] });
  fake.post(general(), { type: 7 });
  fake.post(general(), {
    message_reference: { type: 1, message_id: '1', channel_id: general().id },
    message_snapshots: [{ message: { content: 'passed on', attachments: [] } }],
  });
  const live = (await settled()).filter(({ kind }) => kind === 'message').slice(1);
  const read: InboundEvent[] = [];
  const { platformId } = live[0] ?? { platformId: '' };
  for await (const event of at.stage.adapter.fetchSince?.(
    platformId,
    first.id,
    new AbortController().signal,
  ) ?? []) {
    read.push(event);
  }
  const plain = (list: InboundEvent[]) => list.map((event) => JSON.parse(JSON.stringify(event)));
  expect(plain(read.filter(({ text }) => text !== 'and that was all'))).toEqual(plain(live));
});
