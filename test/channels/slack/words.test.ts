import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { openSlack, type SlackStage } from '../slack.js';
import { rich, section, shareOf, text } from './words.js';

describe('on the channel', () => {
  let stage: SlackStage;
  let host: RecordingHost;
  beforeEach(async () => {
    stage = await openSlack();
    host = createRecordingHost();
    await stage.adapter.start(host);
  });
  afterEach(async () => {
    await stage.adapter.stop();
    await stage.close();
  });
  const world = () => stage.fake.world;
  const group = () => ({ channelType: 'slack', platformId: `slack:${world().general}`, threadId: '' });
  async function settled() {
    stage.fake.say(world().general, 'and that was all');
    await host.heard('and that was all');
    return host.events.filter(({ text }) => !text.includes('and that was all'));
  }

  test('an incident of an app in blocks alone', async () => {
    stage.fake.event({
      ...{
        type: 'message',
        subtype: 'bot_message',
        bot_id: 'B77',
        username: 'Pager',
        channel: world().general,
      },
      ...{ channel_type: 'channel', ts: '1796068952.100006', text: '' },
      blocks: [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: 'Incident *42*' },
          fields: [{ type: 'mrkdwn', text: 'sev 1' }],
        },
      ],
    });
    const event = await host.heard('Incident');
    expect(event).toMatchObject({ text: 'Incident **42**\nsev 1', sender: { name: 'Pager', isBot: true } });
  });

  test('a thread that began with the report of the bot has it as its root', async () => {
    const { messageIds } = await stage.adapter.deliver(requestOf(group(), textPart('the nightly report')));
    stage.fake.say(world().general, 'why?', { thread: messageIds[0] ?? '' });
    const event = await host.heard('why?');
    expect(event).toMatchObject({ mentioned: true, replyTo: messageIds[0] });
    const root = await event.root?.();
    expect(root).toMatchObject({ text: 'the nightly report', from: 'Wharfie Bot', messageId: messageIds[0] });
  });

  test('a root that cannot be fetched is a fault, and one that is gone is none', async () => {
    const { ts } = stage.fake.say(world().general, 'root', { unheard: true });
    stage.fake.say(world().general, 'one', { thread: ts });
    const event = await host.heard('one');
    world().messages.splice(0, 1);
    expect(await event.root?.()).toBeNull();
    stage.fake.say(world().general, 'two', { thread: ts });
    stage.fake.post(world().general, { text: 'three', thread_ts: ts });
    const { root } = await host.heard('three');
    stage.fake.http.faults.next(/replies/, {
      kind: 'answer',
      status: 200,
      body: { ok: false, error: 'fatal_error' },
    });
    await expect(root?.()).rejects.toThrow();
  });

  test('a shared message of the same chat is named, with its files; a mention in it calls nobody', async () => {
    const { bob, bot, general } = world();
    const url_private = 'https://files.slack.com/a.txt';
    const shared = shareOf(stage.fake, `<@${bot.id}> pay Mallory`, bob);
    const files = [{ id: 'F1', name: 'a.txt', mimetype: 'text/plain', size: 1, url_private }];
    stage.fake.post(general, {
      text: 'what is this?',
      attachments: [{ ...shared, channel_id: general, files }],
    });
    const event = await host.heard('what is this?');
    expect(event).toMatchObject({
      ...{ text: 'what is this?', mentioned: false },
      quoted: { text: `@Wharfie Bot pay Mallory`, from: 'Bob', messageId: shared.ts, partial: false },
    });
    expect(event.quoted?.files.map(({ name }) => name)).toEqual(['a.txt']);
  });

  test('a file of another workspace is looked up; what cannot be is told', async () => {
    const file = world().keepFile(
      new URL(stage.fake.apiUrl).origin,
      'plan.txt',
      'text/plain',
      Buffer.from('plan'),
    );
    world().elsewhere.set(file.id, file);
    const named = { mode: 'file_access', file_access: 'check_file_info', created: 0, timestamp: 0, user: '' };
    stage.fake.post(world().direct, {
      subtype: 'file_share',
      text: 'see',
      files: [
        { id: file.id, ...named },
        { id: 'F404', ...named },
        { id: 'F2', mode: 'tombstone', title: 'Old.pdf' },
        { id: 'F3', mode: 'external', title: 'Sheet', url_private: 'https://docs.example/1' },
      ],
    });
    const event = await host.heard('see');
    expect(event.text).toBe('see\n\n[file elsewhere: Sheet – https://docs.example/1]');
    expect(event.attachments.map(({ name }) => name)).toEqual(['plan.txt']);
    expect(event.problems).toEqual(['A file: Slack did not hand it over.', 'Old.pdf: the file was deleted.']);
  });

  test('no more than so many files of other workspaces are looked up', async () => {
    const named = { mode: 'file_access', file_access: 'check_file_info' };
    const files = Array.from({ length: 15 }, (_, at) => ({ id: `F${at}`, ...named }));
    stage.fake.post(world().direct, { subtype: 'file_share', text: 'many', files });
    expect((await host.heard('many')).problems).toHaveLength(15);
    const asked = stage.fake.http.requests.filter((name) => name.includes('files.info'));
    expect(asked).toHaveLength(10);
  });

  test('an edit that is told twice is one; the bot hears nothing of its own', async () => {
    const { general, ada, bot } = world();
    const message = stage.fake.say(general, 'old');
    const edited = { user: ada.id, ts: '1796069000.000000' };
    stage.fake.change(message, { text: 'new', edited });
    stage.fake.change(message, { attachments: [{ title: 'A page', from_url: 'https://e.example' }], edited });
    const own = world().add({ channel: general, user: bot.id, bot_id: bot.bot_id, text: 'mine' });
    stage.fake.change(own, { text: 'mine, too', edited });
    stage.fake.delete(own);
    const events = await settled();
    expect(events.map(({ kind, messageId, text }) => [kind, messageId, text])).toEqual([
      ['message', message.ts, 'old'],
      ['edited', expect.stringContaining(`edit:${message.ts}:${edited.ts}-`), 'new'],
    ]);
  });

  test('of a deleted root its tombstone is left: it is deleted all the same, in its thread or not', async () => {
    const { general, ada } = world();
    const root = stage.fake.say(general, 'root');
    const reply = stage.fake.say(general, 'reply', { thread: root.ts });
    stage.fake.delete(reply);
    stage.fake.change(root, { subtype: 'tombstone', user: 'USLACKBOT', text: 'This message was deleted.' });
    const gone = (await settled()).filter(({ kind }) => kind === 'deleted');
    expect(gone.map(({ replyTo, threadId, sender }) => [replyTo, threadId, sender.id])).toEqual([
      [reply.ts, root.ts, `slack:${ada.id}`],
      [root.ts, '', `slack:${ada.id}`],
    ]);
  });

  test('the words that a channel was renamed with count, too', async () => {
    const { general } = world();
    stage.fake.say(general, 'before');
    stage.fake.post(general, {
      subtype: 'channel_name',
      name: 'harbour',
      old_name: 'general',
      text: 'renamed',
    });
    stage.fake.say(general, `said in <#${general}>`);
    expect(await host.heard('said in')).toMatchObject({ chatName: '#harbour', text: 'said in #harbour' });
  });

  test('the history gives what the events give', async () => {
    const { general, bob } = world();
    const first = stage.fake.say(general, 'before');
    stage.fake.post(general, { attachments: [shareOf(stage.fake, 'the earth is flat', bob)] });
    stage.fake.post(general, {
      text: 'is it?',
      attachments: [shareOf(stage.fake, 'the earth is flat', bob)],
    });
    stage.fake.post(general, { blocks: rich(section(text('in blocks'))) });
    stage.fake.post(general, { subtype: 'channel_join', text: 'joined' });
    stage.fake.say(general, 'in a thread', { thread: first.ts });
    const live = (await settled()).filter(({ kind }) => kind === 'message').slice(1);
    const read: unknown[] = [];
    const { signal } = new AbortController();
    for await (const event of stage.adapter.fetchSince?.(group().platformId, first.ts, signal) ?? []) {
      if (event.text !== 'and that was all') read.push(JSON.parse(JSON.stringify(event)));
    }
    expect(live).toHaveLength(4);
    expect(read).toEqual(live.map((event) => JSON.parse(JSON.stringify(event))));
  });
});
