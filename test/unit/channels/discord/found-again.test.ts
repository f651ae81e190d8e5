import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OutboundPart } from '../../../../src/channels/adapter.js';
import { createRecordingHost, requestOf, textPart } from '../../../channels/contract/stage.js';
import { type DiscordStage, openDiscord } from '../../../channels/discord.js';

let stage: DiscordStage;
const host = createRecordingHost();
beforeEach(async () => {
  stage = await openDiscord();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const group = () => {
  if (!stage.group) throw new Error('no group');
  return stage.group;
};

describe('what may have arrived', () => {
  test('a message that is found again without its key is told by its text and its time', async () => {
    await stage.adapter.start(host);
    const earlier = requestOf(group(), textPart('ok'));
    await stage.adapter.deliver(earlier);
    for (const message of stage.fake.world.messages) delete message.nonce;
    await stage.clock.advance(60_000);
    const later = requestOf(group(), textPart('ok'));
    expect(await stage.adapter.findSent?.(later, stage.clock.now())).toBeNull();
    const { messageIds } = await stage.adapter.deliver(later);
    for (const message of stage.fake.world.messages) delete message.nonce;
    expect(await stage.adapter.findSent?.(later, stage.clock.now())).toEqual({ messageIds });
  });

  test('a message that looks the same and is known to be another one is not taken for it', async () => {
    await stage.adapter.start(host);
    const { messageIds: earlier } = await stage.adapter.deliver(requestOf(group(), textPart('ok')));
    for (const message of stage.fake.world.messages) delete message.nonce;
    const later = requestOf(group(), textPart('ok'));
    const find = () => stage.adapter.findSent?.(later, stage.clock.now(), (id) => earlier.includes(id));
    expect(await find()).toBeNull();
    const { messageIds } = await stage.adapter.deliver(later);
    for (const message of stage.fake.world.messages) delete message.nonce;
    expect(await find()).toEqual({ messageIds });
  });

  const options = [{ label: 'Yes', value: 'yes' }];
  const parts: OutboundPart[] = [
    textPart('#### Heading\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n![cat](https://example.com/cat.png)'),
    // What could load something is said as text.
    textPart('<img src="https://example.com/cat.png">'),
    { type: 'question', questionId: 'q_1', title: '', question: 'Sure?', options },
    { type: 'card', card: { title: 'Weather', text: 'sunny' }, fallbackText: 'Weather: sunny' },
    { type: 'card', card: { unknown: true }, fallbackText: '#### Weather: sunny' },
    { type: 'card', card: { unknown: true }, fallbackText: '<img src="https://example.com/sun.png"> sunny' },
  ];
  test.each(parts)(
    'what Discord shows in another form is found again without its key: $type',
    async (part) => {
      await stage.adapter.start(host);
      await stage.adapter.deliver(requestOf(group(), textPart('something else')));
      const request = requestOf(group(), part);
      const { messageIds } = await stage.adapter.deliver(request);
      for (const message of stage.fake.world.messages) delete message.nonce;
      expect(await stage.adapter.findSent?.(request, stage.clock.now())).toEqual({ messageIds });
    },
  );
});
