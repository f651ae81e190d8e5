import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isGroupChat, normalizePlatformId } from '../../src/channels/catalog/index.js';
import { systemClock } from '../../src/clock.js';
import { openCentralDb } from '../../src/db/central/index.js';
import { createRegistration } from '../../src/people/registration/index.js';
import type { FakeChannel, FakeUser } from '../fakes/discord.js';
import { createStageOn } from '../system/crash-matrix/stage.js';
import { eventually } from '../system/eventually.js';
import { createDiscordPlatform } from '../system/platforms/discord.js';

/** Discord with a channel that is open to everybody, the main group's, and one more of the owner, who is Ada. */
async function setUp(env: Record<string, string>, sessionMode: 'per-thread' | 'shared') {
  const platform = await createDiscordPlatform(3);
  const stage = createStageOn(platform, { env });
  onTestFinished(() => stage.close());
  const { fake } = platform;
  const { world } = fake;
  const adaId = `discord:${world.ada.id}`;
  const [open, main, other] = ['general', 'chat-1', 'chat-2'].map((name) => {
    const channel = [...world.channels.values()].find((one) => one.name === name);
    if (!channel) throw new Error(`no channel ${name}`);
    return channel;
  });
  if (!open || !main || !other) throw new Error('three channels');
  stage.rewire({ sessionMode, unknownSenders: 'open' });
  stage.useProvider('chat-1', 'claude');
  const db = openCentralDb(path.join(stage.home.home, 'data', 'v2.db'));
  createRegistration({
    db,
    clock: systemClock,
    normalizePlatformId,
    isGroupChat,
    assistantName: 'Andy',
  }).register({
    ...{ channelType: 'discord', platformId: `discord:${main.guild_id}:${main.id}`, name: 'chat-1' },
    ...{ folder: 'chat-1', isGroup: true, isMain: true, adminUserId: adaId },
  });
  db.close();
  stage.useProvider('chat-1', 'mock');
  const eve: FakeUser = { ...world.ada, id: world.nextId() };
  const said = (where: FakeChannel) => fake.said(where.id).map(({ content }) => content);
  const hears = (where: FakeChannel, part: string) =>
    eventually(() => said(where).find((text) => text.includes(part)) ?? false, part);
  return {
    ...{ stage, fake, open, main, other, eve, said, hears },
    ada: (where: FakeChannel, text: string) => void fake.say(where, text),
    guest: (where: FakeChannel, text: string) => void fake.say(where, text, { from: eve }),
    logged: (msg: string) => stage.home.log().filter((line) => line.msg === msg),
  };
}

const call = (tool: string, args: unknown) => `!call ${tool} ${JSON.stringify(args)}`;

it('the owner is served in every chat though a guest has an agent at work in five threads', async () => {
  const { stage, fake, open, main, other, ada, guest, hears, logged } = await setUp(
    { WHARFIE_MAX_CONTAINERS: '4' },
    'per-thread',
  );
  const host = await stage.start();
  for (let n = 0; n < 5; n += 1) guest(fake.thread(open, `t${n}`), '!hang');
  await eventually(() => logged('message taken in').length === 5, 'all five');
  await eventually(() => logged('container running').length === 2, 'those that guests may have');
  ada(main, '!reply main is served');
  await hears(main, 'main is served');
  ada(other, '!reply the other is served');
  await hears(other, 'the other is served');
  expect(await host.stop()).toBe(0);
});

it('the owner goes ahead of guests who have waited longer, over a restart as well', async () => {
  const { stage, fake, open, other, ada, guest, hears, said, logged } = await setUp(
    { WHARFIE_MAX_CONTAINERS: '2' },
    'per-thread',
  );
  const first = await stage.start();
  const threads = ['a', 'b', 'c'].map((name) => fake.thread(open, name));
  const [busy = open, ...waiting] = threads;
  guest(busy, '!hang');
  await eventually(() => logged('container running').length === 1, 'the guest at work');
  for (const [n, thread] of waiting.entries()) guest(thread, `!reply guest ${n} ;; !sleep 500`);
  ada(other, '!reply the owner ;; !sleep 500');
  await eventually(() => logged('message taken in').length === 4, 'all of them');
  await first.kill();
  const second = await stage.start();
  await eventually(() => logged('host started').length === 2, 'the second host');
  ada(busy, '/status');
  await hears(busy, 'is working on 1 message');
  ada(other, '/status');
  await hears(other, 'is waiting for its turn (0 ahead of it)');
  expect(said(other)).toHaveLength(1);
  ada(busy, '/stop');
  await hears(busy, 'Stopped.');
  for (const [n, thread] of waiting.entries()) await hears(thread, `guest ${n}`);
  const order = fake.world.messages
    .map(({ content }) => content)
    .filter((text) => /^(guest|the owner)/.test(text));
  expect(order[0]).toBe('the owner');
  expect(await second.stop()).toBe(0);
});

it('a guest ends, wipes and answers only what is his own', async () => {
  const { stage, fake, open, ada, guest, eve, said, hears } = await setUp({}, 'shared');
  const host = await stage.start();
  ada(open, '!hang');
  guest(open, '/stop');
  await hears(open, "I'm working on something for somebody else here");
  guest(open, '/new');
  await hears(open, 'Other people are in this conversation');
  expect(said(open)).toHaveLength(2);
  ada(open, '/stop');
  await hears(open, 'Stopped.');

  const options = { title: '', options: ['Yes', 'No'] };
  ada(open, call('ask_user_question', { ...options, question: 'Delete all?' }));
  const question = (text: string) =>
    eventually(() => fake.said(open.id).find((one) => JSON.stringify(one).includes(text)) ?? false, text);
  const asked = await question('Delete all?');
  for (let n = 0; n < 3; n += 1) fake.click(asked, eve, 'Yes');
  guest(open, '1');
  await hears(open, 'You said: 1');
  fake.say(open, 'yes', { from: eve, replyTo: asked });
  await hears(open, 'You said: yes');
  expect(said(open).join('\n')).not.toContain('was answered');
  expect(said(open).filter((text) => text === 'Only the owner can answer that question.')).toHaveLength(2);
  fake.click(asked, fake.world.ada, 'No');
  await hears(open, `was answered by "Ada" (discord:${fake.world.ada.id}, owner): "No"`);

  ada(open, call('ask_user_question', { ...options, question: 'Who comes?', for: 'anyone' }));
  fake.click(await question('Who comes?'), eve, 'Yes');
  await hears(open, `was answered by "Ada" (discord:${eve.id}, guest): "Yes"`);

  guest(open, call('ask_user_question', { ...options, question: 'My own?' }));
  fake.click(await question('My own?'), eve, 'No');
  await hears(open, 'My own?", was answered by');
  guest(open, call('ask_user_question', { ...options, question: 'May I?', for: 'owner' }));
  fake.click(await question('May I?'), eve, 'Yes');
  guest(open, '!hang');
  guest(open, '/stop');
  await eventually(() => said(open).filter((text) => text === 'Stopped.').length === 2, 'his own stop');
  expect(said(open).join('\n')).not.toContain('May I?", was answered');
  expect(await host.stop()).toBe(0);
});
