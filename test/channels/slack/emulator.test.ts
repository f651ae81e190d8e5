import { createEmulator } from 'emulate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import { slack } from '../../../src/channels/slack.js';
import { createFakeClock } from '../../fakes/clock.js';
import { openWebhooks } from '../../fakes/webhooks.js';
import { createAdapters } from '../contract/adapters.js';
import { createRecordingHost, requestOf } from '../contract/stage.js';

/**
 * Slack as others have built it (npm `emulate`): what our own fake and our adapter might both have wrong shows here. It
 * has neither Socket Mode nor a way to subscribe to its events, so what comes in is read from its history; that tells no
 * `latest_reply`, by which threads are found. It does not know `markdown_text`, so a text by itself cannot be sent to it.
 */
const BOT = 'xoxb-of-the-bot-000000000000000000';
const ADA = 'xoxp-of-ada-0000000000000000000000';

async function open() {
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        users: [
          { name: 'wharfie', real_name: 'Wharfie' },
          { name: 'ada', real_name: 'Ada' },
        ],
        channels: [{ name: 'boats' }],
        tokens: [
          { token: BOT, user: 'wharfie' },
          { token: ADA, user: 'ada' },
        ],
      },
      tokens: { [BOT]: { login: 'wharfie' }, [ADA]: { login: 'ada' } },
    },
  });
  const env = {
    SLACK_BOT_TOKEN: BOT,
    SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
    SLACK_API_URL: `${emulator.url}/api/`,
  };
  const clock = createFakeClock(Date.now());
  const adapters = createAdapters(slack, { clock, webhooks: openWebhooks(), env: () => env });
  async function asAda<T>(method: string, fields: object, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(`${emulator.url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADA}`, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
    return schema.parse(await response.json());
  }
  const { channels } = await asAda('conversations.list', {}, channelsSchema);
  const channel = channels.find(({ name }) => name === 'boats')?.id ?? '';
  const say = async (fields: object) =>
    (await asAda('chat.postMessage', { channel, ...fields }, z.object({ ts: z.string() }))).ts;
  return { emulator, adapters, asAda, say, channel };
}
const channelsSchema = z.object({ channels: z.array(z.object({ id: z.string(), name: z.string() })) });
const repliesSchema = z.object({ messages: z.array(z.looseObject({ ts: z.string(), text: z.string() })) });

let world: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  world = await open();
});
afterEach(async () => {
  await world.adapters.adapter.stop();
  await world.emulator.close();
  world.adapters.removeState();
});

test('what was said is read with its words and names, and is answered in its thread', async () => {
  const { adapters, asAda, say, channel } = world;
  const { adapter } = adapters;
  const host = createRecordingHost();
  await adapter.start(host);
  const first = await say({ text: 'before' });
  const elements = [
    { type: 'rich_text_section', elements: [{ type: 'text', text: 'words in blocks only' }] },
  ];
  const asked = await say({ blocks: [{ type: 'rich_text', elements }] });
  await say({ text: 'as 1 &lt; 2', attachments: [{ pretext: 'Alert', title: 'Disk', text: '90 %' }] });

  const platformId = `slack:${channel}`;
  const events: InboundEvent[] = [];
  for await (const event of adapter.fetchSince?.(platformId, first, new AbortController().signal) ?? []) {
    events.push(event);
  }
  const told = events.filter(({ messageId }) => messageId > first);
  expect(told.map(({ text, sender, chatName }) => [text, sender.name, chatName])).toEqual([
    ['words in blocks only', 'ada', '#boats'],
    ['as 1 < 2\n\nAlert\nDisk\n90 %', 'ada', '#boats'],
  ]);

  const to = { channelType: 'slack', platformId, threadId: asked };
  const options = [
    { label: 'Yes', value: 'yes' },
    { label: 'No', value: 'no' },
  ];
  const question = {
    type: 'question',
    questionId: 'q_1',
    title: '',
    question: 'Restart it?',
    options,
  } as const;
  const request = requestOf(to, { ...question, options });
  const { messageIds } = await adapter.deliver(request);
  const files = [{ name: 'load.csv', mimeType: 'text/csv', data: Buffer.from('1,2') }];
  await adapter.deliver(requestOf(to, { type: 'text', text: 'the load', files, replyTo: null }));
  await adapter.deliver(
    requestOf({ ...to, threadId: '' }, { type: 'reaction', messageId: asked, emoji: '👀' }),
  );

  const { messages } = await asAda('conversations.replies', { channel, ts: asked }, repliesSchema);
  expect(messages).toMatchObject([
    { ts: asked, reactions: [{ name: 'eyes' }] },
    { ts: messageIds[0], text: expect.stringContaining('Restart it?') },
    { text: 'the load', files: [{ name: 'load.csv' }] },
  ]);
  expect(await adapter.findSent?.(request, Date.now())).toEqual({ messageIds });
});
