import { buffer } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Address } from '../../../src/address.js';
import { normalizePlatformId } from '../../../src/channels/catalog/index.js';
import { addressesIn, withoutAddress } from '../../../src/commands/parse.js';
import type { ContractCase } from '../contract.js';
import { type RecordingHost, requestOf, type Stage, sha256, textPart } from './stage.js';

export const groupOf = (stage: Stage): Address => {
  if (!stage.group) throw new Error('this platform has no groups: name the case in `cannot`');
  return stage.group;
};

/** What people and bots do on the platform, as the host gets it. */
export const intakeCases = {
  async 'a message in a group'(stage, host) {
    const group = groupOf(stage);
    await stage.adapter.start(host);
    const messageId = stage.say(group, 'hello there');
    const event = await host.heard('hello there');
    expect(event).toMatchObject({ ...group, messageId, kind: 'message', isGroup: true, mentioned: false });
    expect(event.sender).toMatchObject({ isBot: false, self: false });
    expect(event.sender.id.startsWith(`${stage.adapter.channelType}:`)).toBe(true);
    expect(event.chatName).not.toBe('');
    expect(Math.abs(event.at - stage.clock.now())).toBeLessThan(3_600_000);
  },

  async 'a mention'(stage, host) {
    await stage.adapter.start(host);
    stage.say(groupOf(stage), 'are you there?', { mention: true });
    expect((await host.heard('are you there?')).mentioned).toBe(true);
  },

  async 'a command or an answer behind a mention is understood'(stage, host) {
    await stage.adapter.start(host);
    const group = groupOf(stage);
    stage.say(group, '/status', { mention: true });
    stage.say(group, 'the last', { mention: true });
    await host.heard('the last');
    const said = host.events.map((event) => withoutAddress(event.text, addressesIn(event, [])));
    expect(said).toEqual(['/status', 'the last']);
  },

  async 'a reply to the bot counts as a mention'(stage, host) {
    const group = groupOf(stage);
    await stage.adapter.start(host);
    const sent = await stage.adapter.deliver(requestOf(group, textPart('what is your name?')));
    const replyTo = sent.messageIds[0] ?? '';
    stage.say(group, 'my name is Ada', { replyTo });
    expect(await host.heard('my name is Ada')).toMatchObject({ mentioned: true, replyTo });
  },

  async 'a direct message'(stage, host) {
    await stage.adapter.start(host);
    stage.say(stage.direct, 'between us');
    const { threadId, ...chat } = stage.direct;
    const event = await host.heard('between us');
    expect(event).toMatchObject({ ...chat, isGroup: false });
    if (stage.threadEach) expect(event.threadId).not.toBe('');
    else expect(event.threadId).toBe(threadId);
  },

  async 'a message in a thread'(stage, host) {
    await stage.adapter.start(host);
    const thread = stage.thread();
    expect(thread.threadId).not.toBe('');
    stage.say(thread, 'aside');
    expect(await host.heard('aside')).toMatchObject({ ...thread });
  },

  async 'the id of a chat is the one that register stores'(stage, host) {
    await stage.adapter.start(host);
    stage.say(stage.direct, 'which id?');
    const { platformId, channelType } = await host.heard('which id?');
    expect(normalizePlatformId(channelType, platformId)).toBe(platformId);
    const bare = platformId.slice(platformId.indexOf(':') + 1);
    expect(normalizePlatformId(channelType, bare)).toBe(platformId);
  },

  async 'a file comes with equal bytes'(stage, host) {
    const data = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) % 251));
    await stage.adapter.start(host);
    stage.say(stage.direct, 'see this', { files: [{ name: 'mosaic.bin', data }] });
    const [file] = (await host.heard('see this')).attachments;
    expect(file).toMatchObject({ name: 'mosaic.bin', size: stage.sizesUnknown ? null : data.length });
    const received = file ? await buffer(await file.open()) : Buffer.alloc(0);
    expect(sha256(received)).toBe(sha256(data));
  },

  async 'a reaction of a person'(stage, host) {
    await stage.adapter.start(host);
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, textPart('done')));
    stage.react(stage.direct, messageIds[0] ?? '', '👍');
    expect(await host.heard('👍')).toMatchObject({ kind: 'reaction', replyTo: messageIds[0] });
  },

  async 'a click gives the value of the button'(stage, host) {
    await stage.adapter.start(host);
    const value = `a long value ${'x'.repeat(150)}`;
    const options = [
      { label: 'Yes', value },
      { label: 'No', value: 'no' },
    ];
    const part = {
      type: 'question',
      questionId: 'q_1',
      title: 'Sure?',
      question: 'Do it?',
      options,
    } as const;
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, { ...part, options }));
    const [question] = stage.heard(stage.direct);
    expect(question?.buttons).toEqual(['Yes', 'No']);
    stage.click(stage.direct, messageIds[0] ?? '', 'Yes');
    const click = await host.until(() => host.events.find((event) => event.kind === 'click'));
    expect(click).toMatchObject({ text: value, replyTo: messageIds[0] });
  },

  async 'other bots are told from people, and the own words are not heard'(stage, host) {
    const group = groupOf(stage);
    await stage.adapter.start(host);
    await stage.adapter.deliver(requestOf(group, textPart('my own words')));
    stage.say(group, 'beep', { fromBot: true });
    stage.say(group, 'last');
    await host.heard('last');
    const said = host.events.map((event) => [event.text, event.sender.isBot]);
    expect(said).toEqual([
      ['beep', true],
      ['last', false],
    ]);
  },

  async 'an event that could not be made durable comes again, in its order'(stage, host) {
    await stage.adapter.start(host);
    host.refuse(2);
    stage.say(stage.direct, 'first');
    stage.say(stage.direct, 'second');
    for (const times of [1, 2]) {
      await host.until(() => host.refused >= times);
      await stage.clock.advance(5000);
    }
    await host.heard('second');
    expect(host.events.map((event) => event.text)).toEqual(['first', 'second']);
  },

  async 'a chat that cannot be taken in holds up no other'(stage, host) {
    const group = stage.other ?? groupOf(stage);
    await stage.adapter.start(host);
    host.refuse(1000, (event) => event.platformId === group.platformId);
    stage.say(group, 'stuck');
    await host.until(() => host.refused > 0);
    stage.say(stage.direct, 'flows');
    await host.heard('flows');
    expect(host.events.map((event) => event.text)).toEqual(['flows']);
  },

  async 'a message that cannot be read keeps out none of the others'(stage, host) {
    await stage.adapter.start(host);
    stage.say(stage.direct, 'before');
    await host.heard('before');
    const messageId = stage.say(stage.direct, 'not to be read', { garbled: true });
    await triedInVain(stage, host, messageId);
    stage.say(stage.direct, 'after');
    await host.heard('after');
    expect(host.events.map((event) => /before|after/.exec(event.text)?.[0])).toEqual(['before', 'after']);
  },

  async 'what could not be read is taken in anew once it can be'(stage, host) {
    await stage.adapter.start(host);
    const messageId = stage.say(stage.direct, 'to be mended', { garbled: true });
    await triedInVain(stage, host, messageId);
    const kept = JSON.stringify(host.unreadable[0]?.raw);
    const mended = kept.replaceAll('[null]', '[]').replace(/"(body|text)":5/, '"$1":"to be mended"');
    await stage.adapter.retake?.(JSON.parse(mended));
    expect(await host.heard('to be mended')).toMatchObject({ messageId });
  },
} satisfies Record<string, ContractCase>;

/** Until a message was tried three times; it must be known whose it is, and in which chat. */
export async function triedInVain(stage: Stage, host: RecordingHost, messageId: string): Promise<void> {
  for (const tries of [1, 2, 3]) {
    await host.until(() => host.unreadable.length >= tries);
    await stage.clock.advance(5000);
  }
  const { platformId, channelType } = stage.direct;
  expect(host.unreadable).toHaveLength(3);
  for (const unread of host.unreadable) {
    expect(unread).toMatchObject({ platformId, channelType, platformMessageId: messageId });
    expect(unread.senderId).toMatch(`${channelType.split('-')[0]}`);
    expect(Math.abs((unread.saidAt ?? 0) - stage.clock.now())).toBeLessThan(3_600_000);
  }
}
